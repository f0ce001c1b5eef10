package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ResultReader;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.StatusCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads what methods answer as what calls give, and writes what several of their parameters share. */
final class Results {
    private Results() {}

    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    static ReadResult result(NodeReference node, JsonValue json) {
        return new ReadResult(node.toString(), ValueReader.readDataValue(json));
    }

    static List<ReadResult> results(NodeReference node, JsonValue json) {
        return list(json, value -> result(node, value));
    }

    static List<ReadResult> results(List<NodeReference> nodes, JsonValue json) {
        List<JsonValue> values = Answers.array(json, "DataValues").elements();
        if (values.size() != nodes.size()) {
            throw new IllegalArgumentException("got " + values.size() + " values, expected " + nodes.size());
        }
        List<ReadResult> results = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            results.add(result(nodes.get(i), values.get(i)));
        }
        return List.copyOf(results);
    }

    static <T> List<T> list(JsonValue json, Function<JsonValue, T> element) {
        return ResultReader.list(json, "result", element);
    }

    static StatusCode statusCode(JsonValue json) {
        return ValueReader.readStatusCode(json, "statusCode");
    }

    static List<StatusCode> statusCodes(JsonValue json) {
        return list(json, Results::statusCode);
    }

    static Optional<Long> optionalNumber(JsonValue json) {
        return json instanceof JsonValue.Null ? Optional.empty() : Optional.of(Answers.whole(json, "a number"));
    }

    static Duration seconds(JsonValue json) {
        if (json instanceof JsonValue.Num number) {
            return Duration.ofNanos(number.decimal().movePointRight(9).longValue());
        }
        throw new IllegalArgumentException("got " + json.excerpt() + ", expected seconds");
    }

    static String text(JsonValue json) {
        return optionalText(json).orElseThrow(() -> new IllegalArgumentException("got null, expected a text"));
    }

    static Optional<String> optionalText(JsonValue json) {
        if (json instanceof JsonValue.Null) {
            return Optional.empty();
        } else if (json instanceof JsonValue.Str text) {
            return Optional.of(text.value());
        }
        throw new IllegalArgumentException("got " + json.excerpt() + ", expected a text");
    }

    static Optional<Instant> optionalTime(JsonValue json) {
        DateTime time = json instanceof JsonValue.Null ? DateTime.NULL : ValueReader.readDateTime(json, "buildDate");
        return ReadResult.instant(time);
    }

    @SuppressWarnings("NullAway") // there is no other Void
    static Void nothing(JsonValue json) {
        return null;
    }
}
