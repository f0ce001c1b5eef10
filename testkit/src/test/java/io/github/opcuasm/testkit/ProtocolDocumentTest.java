package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * docs/protocol.md, docs/schema and the daemon know the same commands, methods and errors, and the document's examples are what
 * the schema says. docs/methods.md stands for the daemon's methods: a test of the daemon compares it with its table.
 */
final class ProtocolDocumentTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```([^\\n]*)\\n(.*?)^```$");
    private static final Pattern ROUTED = Pattern.compile("(?m)^            case ([^;{]*?) ->");
    private static final Pattern QUOTED = Pattern.compile("\"(\\w+)\"");
    private static final Pattern METHOD_ROW =
            Pattern.compile("(?m)^\\| `(\\w+)` \\|[^|]*\\| (yes|no|protocol 2) \\| (yes|no) \\|");

    private final TrafficSchema schema = TrafficSchema.ofRepository();
    private final Path docs = schema.directory().resolve("..").normalize();

    @Test
    void everyExampleIsWhatTheSchemaSays() throws IOException {
        List<String> problems = new ArrayList<>();
        int examples = 0;
        for (MatchResult block : blocks("protocol.md")) {
            String kind = block.group(1);
            if (kind.startsWith("json ")) {
                examples++;
                JsonNode value = TrafficSchema.parse(block.group(2));
                schema.value("values.schema.json#/$defs/" + kind.substring(5), value)
                        .forEach(problem -> problems.add(problem + " in " + value));
            } else if (kind.isEmpty()) {
                examples += conversation(block.group(2), problems);
            }
        }

        assertThat(problems).isEmpty();
        assertThat(examples).isGreaterThan(40);
    }

    /** Checks lines that begin with arrows, and go on in the lines below. */
    private int conversation(String text, List<String> problems) throws IOException {
        CheckedConversation conversation = new CheckedConversation(schema);
        List<String> frames = Arrays.stream(text.split("(?m)^(?=[→←])"))
                .filter(frame -> frame.startsWith("→") || frame.startsWith("←"))
                .toList();
        for (String frame : frames) {
            String line = frame.substring(1).strip().replaceAll("\n\\s*", "");
            if (frame.startsWith("→")) {
                conversation.sent((line + "\n").getBytes(StandardCharsets.UTF_8));
                schema.request(TrafficSchema.parse(line)).forEach(problem -> problems.add(problem + " in " + line));
            } else {
                conversation.received(line).problems().forEach(problem -> problems.add(problem + " in " + line));
            }
        }
        return frames.size();
    }

    @Test
    void everyCommandIsInTheSchemaAndHasAnExampleOrARow() throws IOException {
        Set<String> routed = routed();
        Set<String> known = strings(json("request").at("/properties/command/enum"));
        String text = Files.readString(docs.resolve("protocol.md"));

        assertThat(routed).hasSizeGreaterThan(12).isEqualTo(known);
        assertThat(names(json("results").path("$defs"))).containsAll(without(routed, "query"));
        assertThat(names(json("results").path("$defs")).stream().filter(name -> name.startsWith("query.")))
                .hasSize(reachedBy(2).size());
        assertThat(routed).allSatisfy(command -> assertThat(text).contains("`" + command + "`"));
    }

    @Test
    void everyMethodHasParametersAndAResultInTheSchemaAndARowInTheDocument() throws IOException {
        Set<String> query = reachedBy(2);
        Set<String> invoke = reachedBy(3);
        String text = Files.readString(docs.resolve("protocol.md"));

        assertThat(query).hasSizeGreaterThan(43);
        assertThat(strings(json("request").at("/$defs/command.query/properties/method/enum")))
                .isEqualTo(query);
        assertThat(strings(json("request").at("/$defs/command.invoke/properties/method/enum")))
                .isEqualTo(invoke);
        assertThat(names(json("results").path("$defs")))
                .containsAll(query.stream().map(method -> "query." + method).toList());
        assertThat(query).allSatisfy(method -> assertThat(text).contains("`" + method + "`"));
        assertThat(invoke).allSatisfy(method -> assertThat(text).contains("`" + method + "`"));
    }

    @Test
    void everyErrorIsInTheSchemaAndInTheDocument() throws IOException {
        Set<String> errors = Arrays.stream(ErrorType.values())
                .map(ErrorType::wireName)
                .collect(Collectors.toCollection(TreeSet::new));
        String text = Files.readString(docs.resolve("protocol.md"));
        String table = text.substring(text.indexOf("## Errors"), text.indexOf("## Protocol 2"));

        assertThat(strings(json("answer").at("/$defs/errorType/enum"))).isEqualTo(errors);
        assertThat(errors).allSatisfy(error -> assertThat(table).contains("`" + error + "`"));
    }

    /** The commands that the daemon takes, by its source: a test of this module cannot ask its router. */
    private Set<String> routed() throws IOException {
        String source = Files.readString(
                docs.resolveSibling("daemon/src/main/java/io/github/opcuasm/daemon/command/CommandRouter.java"));
        String route = source.substring(source.indexOf("private void route("));
        return ROUTED.matcher(route.substring(0, route.indexOf("default ->")))
                .results()
                .flatMap(cases -> QUOTED.matcher(cases.group(1)).results())
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** @param command 2 for {@code query}, in whichever protocol, 3 for {@code invoke} */
    private Set<String> reachedBy(int command) throws IOException {
        return METHOD_ROW
                .matcher(Files.readString(docs.resolve("methods.md")))
                .results()
                .filter(row -> !row.group(command).equals("no"))
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<MatchResult> blocks(String document) throws IOException {
        return BLOCK.matcher(Files.readString(docs.resolve(document))).results().toList();
    }

    private JsonNode json(String file) throws IOException {
        return TrafficSchema.parse(Files.readString(schema.directory().resolve(file + ".schema.json")));
    }

    private static Set<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::textValue)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(JsonNode object) {
        return Stream.of(object)
                .flatMap(node -> node.properties().stream())
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> without(Set<String> names, String name) {
        return names.stream().filter(other -> !other.equals(name)).collect(Collectors.toCollection(TreeSet::new));
    }
}
