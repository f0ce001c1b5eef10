package io.github.opcuasm.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The list of exchanges whose answer differs on purpose, {@code differences.txt}: sections of a {@link Rule} with lines
 * {@code KEY => EXPECTATION}.
 */
final class Differences {
    private static final String FILE = "/conformance/differences.txt";
    private static final String ARROW = " => ";

    /** A listed difference. */
    record Listed(Rule rule, Expectation expectation) {}

    private final Map<String, Listed> byKey = new LinkedHashMap<>();

    private Differences() {}

    static Differences load() throws IOException {
        try (InputStream stream = Differences.class.getResourceAsStream(FILE)) {
            if (stream == null) {
                throw new IOException("No " + FILE + " on the class path");
            }
            return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
    }

    static Differences parse(List<String> lines) throws IOException {
        var differences = new Differences();
        Rule rule = null;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            try {
                if (line.startsWith("[") && line.endsWith("]")) {
                    rule = Rule.titled(line.substring(1, line.length() - 1));
                } else if (!line.isEmpty() && !line.startsWith("#")) {
                    if (rule == null || rule.scope() == Rule.Scope.EVERYWHERE) {
                        throw new IllegalArgumentException("Not below the name of a rule that lists exchanges");
                    }
                    differences.add(rule, line);
                }
            } catch (IllegalArgumentException | JsonProcessingException e) {
                throw new IOException(FILE + ", line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return differences;
    }

    private void add(Rule rule, String line) throws JsonProcessingException {
        int arrow = line.indexOf(ARROW);
        if (arrow < 0) {
            throw new IllegalArgumentException("No \"" + ARROW + "\"");
        }
        Expectation expectation =
                expectation(line.substring(arrow + ARROW.length()).strip());
        if (byKey.put(line.substring(0, arrow).strip(), new Listed(rule, expectation)) != null) {
            throw new IllegalArgumentException("Listed twice: " + line);
        }
    }

    private static Expectation expectation(String text) throws JsonProcessingException {
        int space = text.indexOf(' ');
        String kind = space < 0 ? text : text.substring(0, space);
        String rest = space < 0 ? "" : text.substring(space + 1).strip();
        return switch (kind) {
            case "error" -> {
                int code = rest.indexOf(' ');
                yield code < 0
                        ? new Expectation.Refusal(rest, "")
                        : new Expectation.Refusal(rest.substring(0, code), rest.substring(code + 1));
            }
            case "data" -> new Expectation.Data(JsonLines.parse(rest));
            case "value" -> new Expectation.Value(JsonLines.parse(rest));
            case "as" -> new Expectation.As(rest);
            case "text" -> new Expectation.Text(rest);
            case "types" -> new Expectation.Types();
            default -> throw new IllegalArgumentException("No expectation " + kind);
        };
    }

    Optional<Listed> of(RecordedExchange exchange) {
        return Optional.ofNullable(byKey.get(exchange.key()));
    }

    /** The rule that an exchange counts under; empty if its answer is the recorded one but for what applies everywhere. */
    Optional<Rule> ruleOf(RecordedExchange exchange) {
        return of(exchange).map(Listed::rule);
    }

    /** Lines that no exchange has anything to do with. */
    Set<String> unused(List<RecordedExchange> exchanges) {
        Set<String> unused = new HashSet<>(byKey.keySet());
        for (RecordedExchange exchange : exchanges) {
            unused.remove(exchange.key());
        }
        return unused;
    }
}
