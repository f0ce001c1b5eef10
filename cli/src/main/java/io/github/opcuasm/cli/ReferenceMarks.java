package io.github.opcuasm.cli;

import java.util.regex.Pattern;

/**
 * Lets references stand in YAML without quotes everywhere: in {@code {password: ${PLC1}}} the inner brace would end the
 * value. Before the text is parsed their braces are replaced by characters of Unicode's private use, one for another so that
 * no place changes, and put back in each scalar afterwards.
 */
final class ReferenceMarks {
    private static final char OPEN = '\uE000';
    private static final char CLOSE = '\uE001';
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*|file:[^{}\\r\\n]*)}");

    private ReferenceMarks() {}

    static String add(String yaml) {
        return REFERENCE.matcher(yaml).replaceAll("\\$" + OPEN + "$1" + CLOSE);
    }

    static String remove(String scalar) {
        return scalar.replace(OPEN, '{').replace(CLOSE, '}');
    }
}
