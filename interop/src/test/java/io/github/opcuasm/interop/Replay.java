package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends the recorded requests to a daemon, each on a connection of its own, and judges the answers. The exchanges build on
 * each other, so they are sent in their order whichever is asked about first, and each only once.
 */
final class Replay {
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{32}");

    /** The errors of what the daemon does not know. */
    private final List<RecordedExchange> exchanges;

    private final Differences differences;
    private final Correspondence names;
    private final ExpectedAnswers expected;
    private final IpcEndpoint daemon;
    private final String typesUrl;
    private final Set<String> recordedOpens;
    private final List<List<String>> problems = new ArrayList<>();

    /** @param typesUrl where sessions go whose {@code open} was not recorded */
    Replay(
            List<RecordedExchange> exchanges,
            Differences differences,
            Correspondence names,
            IpcEndpoint daemon,
            String typesUrl) {
        this.exchanges = exchanges;
        this.differences = differences;
        this.names = names;
        this.expected = new ExpectedAnswers(
                new ReferenceDialect(names),
                exchanges.stream().collect(Collectors.toMap(RecordedExchange::key, Function.identity())));
        this.daemon = daemon;
        this.typesUrl = typesUrl;
        this.recordedOpens = exchanges.stream()
                .filter(exchange -> exchange.command().equals("open"))
                .map(exchange ->
                        exchange.response().path("data").path("sessionId").asText())
                .collect(Collectors.toSet());
    }

    /** What is wrong with the answer to an exchange; empty if nothing is. */
    List<String> problemsOf(RecordedExchange exchange) {
        while (problems.size() <= exchange.index()) {
            problems.add(replayed(exchanges.get(problems.size())));
        }
        return problems.get(exchange.index());
    }

    private List<String> replayed(RecordedExchange exchange) {
        try {
            return replay(exchange);
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private List<String> replay(RecordedExchange exchange) throws IOException {
        @Nullable
        Expectation expectation =
                differences.of(exchange).map(Differences.Listed::expectation).orElse(null);
        openUnrecorded(exchange.request().path("sessionId"));
        JsonNode recordedInOurForm = expected.recorded(exchange);
        JsonNode wanted = expectation == null ? recordedInOurForm : expected.listed(exchange, expectation);
        String request = names.liveRequest(exchange).toString();
        String line = ask(request);
        JsonNode answer = JsonLines.parse(line);
        if (answer.path("success").booleanValue()) {
            names.learn(exchange, answer);
            closeUnrecorded(exchange, answer);
        }

        List<String> found = problems(exchange, expectation, recordedInOurForm, wanted, line);
        return found.isEmpty()
                ? found
                : Stream.concat(found.stream(), Stream.of("request: " + request, "answer: " + line))
                        .toList();
    }

    private List<String> problems(
            RecordedExchange exchange,
            @Nullable Expectation expectation,
            JsonNode recordedInOurForm,
            JsonNode wanted,
            String line)
            throws IOException {
        JsonNode answer = JsonLines.parse(line);
        List<String> found = new ArrayList<>(AnswerComparison.mismatches(wanted, answer));
        if (expectation instanceof Expectation.Text text && !line.contains(text.fragment())) {
            found.add("expected " + text.fragment() + " in the line");
        }
        if (found.isEmpty() && isStale(exchange, expectation, recordedInOurForm, answer)) {
            found.add("It does not differ any more: take it off the list of differences");
        }
        return found;
    }

    private boolean isStale(
            RecordedExchange exchange, @Nullable Expectation expectation, JsonNode recordedInOurForm, JsonNode answer) {
        boolean isDifference = differences
                .of(exchange)
                .filter(listed -> listed.rule().scope() == Rule.Scope.LISTED)
                .isPresent();
        return isDifference
                && !(expectation instanceof Expectation.Text)
                && AnswerComparison.mismatches(recordedInOurForm, answer).isEmpty();
    }

    /** Some sessions of the recording come out of nowhere; they had the first server's URL. */
    private void openUnrecorded(JsonNode sessionId) throws IOException {
        String recorded = sessionId.asText();
        if (SESSION_ID.matcher(recorded).matches()
                && !recordedOpens.contains(recorded)
                && names.liveSession(recorded) == null) {
            JsonNode answer = JsonLines.parse(ask("""
                    {"command":"open","endpointUrl":"%s","config":{},"forceNew":true}""".formatted(typesUrl)));
            names.openedSession(recorded, answer.path("data").path("sessionId").asText());
        }
    }

    /** A session that the reference could not open is none of those that it lists afterwards. */
    private void closeUnrecorded(RecordedExchange exchange, JsonNode answer) throws IOException {
        if (exchange.command().equals("open")
                && !exchange.response().path("success").booleanValue()) {
            String id = answer.path("data").path("sessionId").asText();
            JsonNode closed = JsonLines.parse(ask("{\"command\":\"close\",\"sessionId\":\"" + id + "\"}"));
            if (!closed.path("success").booleanValue()) {
                throw new IOException("A session that was opened cannot be closed: " + closed);
            }
        }
    }

    private String ask(String request) throws IOException {
        try (IpcProbe probe = IpcProbe.connect(daemon)) {
            probe.send(request + "\n");
            String line = probe.readLine();
            if (line == null || probe.readLine() != null) {
                throw new IOException("Not one line for " + request + ": " + line);
            }
            return line;
        }
    }
}
