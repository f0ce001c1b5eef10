package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Builds the answer that an {@link Expectation} describes. */
final class ExpectedAnswers {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String EACH = "<each>";

    private final ReferenceDialect dialect;
    private final Map<String, RecordedExchange> exchanges;

    /** @param exchanges by their keys */
    ExpectedAnswers(ReferenceDialect dialect, Map<String, RecordedExchange> exchanges) {
        this.dialect = dialect;
        this.exchanges = exchanges;
    }

    /** The recorded answer in our form. */
    JsonNode recorded(RecordedExchange exchange) {
        return dialect.ours(exchange, exchange.response());
    }

    JsonNode listed(RecordedExchange exchange, Expectation expectation) {
        if (expectation instanceof Expectation.Refusal error) {
            return dialect.listedError(exchange, error.type(), error.code());
        }
        if (expectation instanceof Expectation.Data data) {
            return ReferenceDialect.success(withWildcards(data.data()));
        }
        if (expectation instanceof Expectation.Value value) {
            return withValue(recorded(exchange), withWildcards(value.value()));
        }
        if (expectation instanceof Expectation.As other) {
            RecordedExchange twin = exchanges.get(other.key());
            if (twin == null) {
                throw new IllegalArgumentException("No exchange " + other.key());
            }
            return dialect.ours(exchange, twin.response());
        }
        if (expectation instanceof Expectation.Types) {
            return onlyTypes(recorded(exchange));
        }
        return recorded(exchange);
    }

    /** Whoever has another value may have written it at another time. */
    private static JsonNode withValue(JsonNode answer, JsonNode value) {
        ObjectNode data = (ObjectNode) answer.get("data");
        if (data.has("outputArguments")) {
            ((ObjectNode) data.get("outputArguments").get(0)).set("value", value);
        } else if (data.has("data")) {
            ObjectNode dataValue = (ObjectNode) data.get("data");
            ((ObjectNode) dataValue.get("variant"))
                    .set(value.isTextual() && isBytes(dataValue) ? "bytesB64" : "value", value);
            ((ObjectNode) dataValue.get("sourceTs")).set("v", Wildcard.time());
        } else {
            data.set("value", value);
            data.set("sourceTimestamp", Wildcard.time());
        }
        return answer;
    }

    private static boolean isBytes(JsonNode dataValue) {
        return dataValue.get("variant").get("bytesB64").isTextual();
    }

    private static JsonNode withWildcards(JsonNode written) {
        if (written.isTextual()) {
            return switch (written.textValue()) {
                case "<time>" -> Wildcard.time();
                case "<time or null>" -> Wildcard.timeOrNull();
                case "<whole>" -> Wildcard.whole();
                case "<text>" -> Wildcard.text();
                case "<object>" -> Wildcard.object();
                case "<flag>" -> Wildcard.flag();
                case "<wholes>" -> Wildcard.wholes();
                case "<notifications>" -> Notifications.expected();
                default -> written;
            };
        }
        if (written.isArray()) {
            ArrayNode array = JSON.arrayNode();
            written.forEach(element -> array.add(withWildcards(element)));
            return array;
        }
        if (written.has(EACH)) {
            JsonNode element = withWildcards(written.get(EACH));
            return Wildcard.of(
                    "an array of such elements, not empty",
                    node -> !node.isEmpty()
                            && Wildcard.isArrayOf(
                                    node,
                                    each -> AnswerComparison.mismatches(element, each)
                                            .isEmpty()));
        }
        if (written.isObject()) {
            ObjectNode object = JSON.objectNode();
            written.properties().forEach(member -> object.set(member.getKey(), withWildcards(member.getValue())));
            return object;
        }
        return written;
    }

    private static JsonNode onlyTypes(JsonNode expected) {
        if (Wildcard.in(expected).isPresent()) {
            return expected;
        }
        if (expected.isArray()) {
            ArrayNode array = JSON.arrayNode();
            expected.forEach(element -> array.add(onlyTypes(element)));
            return array;
        }
        if (expected.isObject()) {
            ObjectNode object = JSON.objectNode();
            expected.properties().forEach(member -> object.set(member.getKey(), onlyTypes(member.getValue())));
            return object;
        }
        return Wildcard.likeScalar(expected);
    }
}
