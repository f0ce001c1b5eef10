package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What became of each of several items, for people in a table, with the next step where one is known, or as JSON. */
final class ItemStatuses {
    private final Call call;
    private final Table table = new Table().cuttingAtBegin(0).status(1);
    private final List<Map<String, Object>> results = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final List<StatusCode> statuses = new ArrayList<>();

    ItemStatuses(Call call) {
        this.call = call;
    }

    /** An answer that is an array of status codes. */
    static List<StatusCode> of(JsonValue codes) {
        List<StatusCode> statuses = new ArrayList<>();
        List<JsonValue> elements = codes.asArray();
        (elements == null ? List.<JsonValue>of() : elements).forEach(code -> statuses.add(Shown.statusCode(code)));
        return statuses;
    }

    /**
     * Adds one.
     *
     * @param label stands for it where people read
     * @param members are what JSON has of it besides its status
     * @param more are further cells
     */
    void add(String label, StatusCode status, Map<String, ?> members, String... more) {
        Map<String, Object> result = new LinkedHashMap<>(members);
        result.put("statusCode", status.value());
        result.put("status", status.name());
        results.add(result);
        List<String> cells = new ArrayList<>(List.of(label, Shown.status(status)));
        cells.addAll(List.of(more));
        table.row(cells.toArray(String[]::new));
        labels.add(label);
        statuses.add(status);
    }

    /** Prints them all. */
    ExitCode print() {
        return print(StatusAdvice::of);
    }

    /** Prints them all, with this advice for each bad status. */
    ExitCode print(Function<StatusCode, @Nullable String> advice) {
        if (call.json()) {
            call.printJson(results.size() == 1 ? results.get(0) : Map.of("results", results));
        } else {
            table.print(call.console());
            for (int i = 0; i < labels.size(); i++) {
                StatusAdvice.give(call, labels.get(i), advice.apply(statuses.get(i)));
            }
        }
        return statuses.stream().anyMatch(StatusCode::isBad) ? ExitCode.BAD_STATUS : ExitCode.OK;
    }
}
