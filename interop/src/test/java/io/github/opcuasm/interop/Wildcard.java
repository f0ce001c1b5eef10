package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A place in an expected answer that takes any value of a kind. It stands in the tree of the answer like a value.
 *
 * @param description of what it takes, for messages
 * @param optional whether the member may be absent
 */
record Wildcard(String description, boolean optional, Predicate<JsonNode> accepts) {
    private static final Pattern SIX_DIGITS =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00");
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{32}");
    private static final int LONGEST_MESSAGE = 500;

    static JsonNode of(String description, Predicate<JsonNode> accepts) {
        return new POJONode(new Wildcard(description, false, accepts));
    }

    static JsonNode optional(String description, Predicate<JsonNode> accepts) {
        return new POJONode(new Wildcard(description, true, accepts));
    }

    /** The wildcard that a node of an expected answer is, if it is one. */
    static Optional<Wildcard> in(JsonNode expected) {
        return expected instanceof POJONode node && node.getPojo() instanceof Wildcard wildcard
                ? Optional.of(wildcard)
                : Optional.empty();
    }

    static JsonNode time() {
        return of("a time with six digits", node -> isTime(node, ""));
    }

    static JsonNode timeOrNull() {
        return of("a time with six digits or null", node -> node.isNull() || isTime(node, ""));
    }

    /** @param second as in {@code 2024-01-02T03:04:05} */
    static JsonNode timeIn(String second) {
        return of("the second " + second + " with six digits", node -> isTime(node, second));
    }

    static JsonNode sessionId() {
        return of(
                "32 hex digits",
                node -> node.isTextual() && SESSION_ID.matcher(node.textValue()).matches());
    }

    static JsonNode whole() {
        return of("an integer", JsonNode::isIntegralNumber);
    }

    static JsonNode fraction() {
        return of("a number with a fraction", Wildcard::isFraction);
    }

    static JsonNode text() {
        return of("a string", JsonNode::isTextual);
    }

    static JsonNode textOrNull() {
        return of("a string or null", node -> node.isTextual() || node.isNull());
    }

    static JsonNode flag() {
        return of("a boolean", JsonNode::isBoolean);
    }

    static JsonNode object() {
        return of("an object", JsonNode::isObject);
    }

    static JsonNode wholes() {
        return of("an array of integers", node -> isArrayOf(node, JsonNode::isIntegralNumber));
    }

    static JsonNode message() {
        return of(
                "a message of 1 to 500 characters",
                node -> node.isTextual()
                        && !node.textValue().isEmpty()
                        && node.textValue().length() <= LONGEST_MESSAGE);
    }

    /** Something of the same JSON type; arrays and objects are not looked into. */
    static JsonNode likeScalar(JsonNode value) {
        if (value.isNull() || value.isBoolean()) {
            return value;
        }
        if (value.isNumber()) {
            return value.isIntegralNumber() ? whole() : fraction();
        }
        return text();
    }

    static boolean isFraction(JsonNode node) {
        return node.isNumber() && !node.isIntegralNumber();
    }

    static boolean isArrayOf(JsonNode node, Predicate<JsonNode> element) {
        if (!node.isArray()) {
            return false;
        }
        for (JsonNode each : node) {
            if (!element.test(each)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTime(JsonNode node, String start) {
        return node.isTextual()
                && node.textValue().startsWith(start)
                && SIX_DIGITS.matcher(node.textValue()).matches();
    }

    @Override
    public String toString() {
        return "<" + description + ">";
    }
}
