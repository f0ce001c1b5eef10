package io.github.opcuasm.cli;

import java.util.List;
import java.util.Locale;

/** Numbers of the config file, each within a range that is named where it is left. */
final class Numbers {
    private Numbers() {}

    /** A whole number, in decimal digits. */
    static long whole(ConfigNode node, long least, long most) {
        return node.parse(text -> {
            if (text.matches("-?[0-9]{1,15}")) {
                long value = Long.parseLong(text);
                if (value >= least && value <= most) {
                    return value;
                }
            }
            throw new IllegalArgumentException(
                    "got " + text + ", expected a whole number from " + least + " to " + most);
        });
    }

    /**
     * A number with or without a fraction.
     *
     * @param expected what it is, and its range
     */
    static double decimal(ConfigNode node, double least, double most, String expected) {
        return node.parse(text -> {
            if (text.matches("[-+]?[0-9]{1,15}(\\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?")) {
                double value = Double.parseDouble(text);
                if (value >= least && value <= most) {
                    return value;
                }
            }
            throw new IllegalArgumentException("got " + text + ", expected " + expected);
        });
    }

    /** One of some names, in any of the ways to write a key, or its place among them from 0 on. */
    static int choice(ConfigNode node, List<String> names) {
        return node.parse(text -> {
            int named = names.indexOf(ConfigNode.kebab(text).toLowerCase(Locale.ROOT));
            if (named >= 0) {
                return named;
            }
            if (text.matches("[0-9]") && text.charAt(0) - '0' < names.size()) {
                return text.charAt(0) - '0';
            }
            throw new IllegalArgumentException("got " + text + ", expected one of " + String.join(", ", names)
                    + ", or 0 to " + (names.size() - 1));
        });
    }
}
