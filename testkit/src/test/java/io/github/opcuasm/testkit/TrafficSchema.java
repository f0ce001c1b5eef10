package io.github.opcuasm.testkit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of docs/schema, as checks of what was said on a connection. They are read and compiled when they are first needed,
 * once for each object. For use by several threads.
 */
public final class TrafficSchema {
    /** What the files' names follow in their {@code $id}. */
    private static final String BASE = "https://opcuasm.github.io/opcua-session-manager/schema/";

    /** Reads what is JSON and nothing else: no member twice, nothing behind it. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path directory;
    private final SchemaRegistry schemas;

    private TrafficSchema(Path directory) {
        this.directory = directory;
        this.schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(this::text));
    }

    /** The repository's own, for a test of one of its modules. */
    public static TrafficSchema ofRepository() {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return new TrafficSchema(module.resolveSibling("docs").resolve("schema"));
    }

    /** Where the files lie. */
    public Path directory() {
        return directory;
    }

    /**
     * What is wrong with an answer, or with its request if the answer is a success; empty if nothing is.
     *
     * @param request null if it was no JSON object
     */
    public List<String> exchange(@Nullable JsonNode request, JsonNode answer) {
        ObjectNode exchange = STRICT.createObjectNode();
        exchange.set("request", request == null ? STRICT.createObjectNode() : request);
        exchange.set("answer", answer);
        return problems(answer.has("id") ? "exchange-2" : "exchange-1", exchange);
    }

    /** What is wrong with a frame of a stream. */
    public List<String> event(JsonNode frame) {
        return problems("event", frame);
    }

    /** What is wrong with a request. */
    public List<String> request(JsonNode request) {
        return problems("request", request);
    }

    /** What is wrong with a value, by a definition: {@code "values.schema.json#/$defs/NodeId"}. */
    public List<String> value(String definition, JsonNode value) {
        return validated(schemas.getSchema(SchemaLocation.of(BASE + definition)), value);
    }

    private List<String> problems(String file, JsonNode instance) {
        return validated(schemas.getSchema(SchemaLocation.of(BASE + file + ".schema.json")), instance);
    }

    private static List<String> validated(Schema schema, JsonNode instance) {
        return schema.validate(instance).stream()
                .map(problem -> problem.getInstanceLocation() + ": " + problem.getMessage())
                .toList();
    }

    /**
     * One JSON text.
     *
     * @throws JsonProcessingException if it is none
     */
    public static JsonNode parse(String text) throws JsonProcessingException {
        return STRICT.readTree(text);
    }

    private @Nullable String text(String iri) {
        if (!iri.startsWith(BASE)) {
            return null;
        }
        try {
            return Files.readString(directory.resolve(iri.substring(BASE.length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
