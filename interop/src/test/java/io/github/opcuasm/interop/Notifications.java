package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a {@code notifications} array may hold. How many of them come together depends on when they are asked for, so an
 * empty array will do as well.
 */
final class Notifications {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final JsonNode ANYTHING = Wildcard.of("anything", node -> true);
    private static final JsonNode TYPE =
            Wildcard.of("a built-in type or null", node -> node.isIntegralNumber() || node.isNull());
    private static final JsonNode TIME = Wildcard.timeOrNull();
    private static final JsonNode DIMENSIONS =
            Wildcard.of("dimensions", node -> node.isNull() || Wildcard.isArrayOf(node, JsonNode::isIntegralNumber));

    private Notifications() {}

    static JsonNode expected() {
        return Wildcard.of(
                "an array of notifications", node -> Wildcard.isArrayOf(node, Notifications::isNotification));
    }

    private static boolean isNotification(JsonNode node) {
        ObjectNode expected = JSON.objectNode();
        expected.set("type", node.path("type"));
        expected.set("clientHandle", Wildcard.whole());
        switch (node.path("type").asText()) {
            case "DataChange" -> expected.set("dataValue", dataValue());
            case "Event" ->
                expected.set(
                        "eventFields",
                        Wildcard.of(
                                "an array of Variants",
                                fields -> Wildcard.isArrayOf(fields, Notifications::isVariant)));
            default -> {
                return false;
            }
        }
        return AnswerComparison.mismatches(expected, node).isEmpty();
    }

    private static ObjectNode dataValue() {
        ObjectNode expected = variant();
        expected.set("statusCode", Wildcard.whole());
        expected.set("sourceTimestamp", TIME);
        expected.set("serverTimestamp", TIME);
        return expected;
    }

    private static boolean isVariant(JsonNode node) {
        return AnswerComparison.mismatches(variant(), node).isEmpty();
    }

    private static ObjectNode variant() {
        ObjectNode expected = JSON.objectNode();
        expected.set("value", ANYTHING);
        expected.set("type", TYPE);
        expected.set("dimensions", DIMENSIONS);
        return expected;
    }
}
