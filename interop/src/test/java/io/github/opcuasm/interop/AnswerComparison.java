package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Compares an answer with the expected one: the same members and no other, the same JSON types, where a number with a
 * fraction is not an integer, the same values. {@link Wildcard}s in the expected answer take any value of their kind.
 */
final class AnswerComparison {
    private static final int LONGEST_EXCERPT = 300;

    private final List<String> mismatches = new ArrayList<>();

    private AnswerComparison() {}

    /** Where the two differ, and how; empty if they do not. */
    static List<String> mismatches(JsonNode expected, JsonNode actual) {
        var comparison = new AnswerComparison();
        comparison.compare("", expected, actual);
        return comparison.mismatches;
    }

    private void compare(String path, JsonNode expected, JsonNode actual) {
        Optional<Wildcard> wildcard = Wildcard.in(expected);
        if (wildcard.isPresent()) {
            if (!wildcard.get().accepts().test(actual)) {
                report(path, expected, actual);
            }
        } else if (expected.isObject() && actual.isObject()) {
            compareMembers(path, expected, actual);
        } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(path + "/" + i, expected.get(i), actual.get(i));
            }
        } else if (!isSameScalar(expected, actual)) {
            report(path, expected, actual);
        }
    }

    private void compareMembers(String path, JsonNode expected, JsonNode actual) {
        var names = new TreeSet<String>();
        expected.fieldNames().forEachRemaining(names::add);
        actual.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            JsonNode wanted = expected.get(name);
            JsonNode given = actual.get(name);
            if (wanted == null) {
                mismatches.add(path + "/" + name + ": expected no such member, got " + excerpt(given));
            } else if (given != null) {
                compare(path + "/" + name, wanted, given);
            } else if (!Wildcard.in(wanted).map(Wildcard::optional).orElse(false)) {
                mismatches.add(path + "/" + name + ": expected " + excerpt(wanted) + ", got no such member");
            }
        }
    }

    private static boolean isSameScalar(JsonNode expected, JsonNode actual) {
        if (expected.isNumber() && actual.isNumber()) {
            return expected.isIntegralNumber() == actual.isIntegralNumber()
                    && (expected.decimalValue().compareTo(actual.decimalValue()) == 0
                            || isSameShortDouble(expected, actual));
        }
        return expected.isValueNode() && expected.equals(actual);
    }

    /** The smallest double is 5e-324, and 4.9e-324 in the two digits that a fraction has at least. */
    private static boolean isSameShortDouble(JsonNode expected, JsonNode actual) {
        return Wildcard.isFraction(expected)
                && expected.doubleValue() == actual.doubleValue()
                && actual.decimalValue().precision() <= 2;
    }

    private void report(String path, JsonNode expected, JsonNode actual) {
        mismatches.add(path + ": expected " + excerpt(expected) + ", got " + excerpt(actual));
    }

    private static String excerpt(JsonNode node) {
        String text = Wildcard.in(node).map(Wildcard::toString).orElseGet(node::toString);
        return text.length() <= LONGEST_EXCERPT ? text : text.substring(0, LONGEST_EXCERPT) + "…";
    }
}
