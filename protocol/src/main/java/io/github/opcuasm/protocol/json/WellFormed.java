package io.github.opcuasm.protocol.json;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Strings as text that can be encoded: Java's may hold halves of surrogate pairs, UTF-8 has no place for them. */
final class WellFormed {
    private static final char REPLACEMENT = '\uFFFD';

    private WellFormed() {}

    /** The text with U+FFFD for each lone surrogate; itself if there is none. */
    static String text(String text) {
        int lone = firstLone(text, 0, text.length());
        return lone < 0 ? text : repaired(text, lone, text.length());
    }

    /** The part of the text as it stands between the quotes of a JSON string, with U+FFFD for lone surrogates. */
    static String escaped(String text, int from, int to) {
        String piece = text(text.substring(from, to));
        StringBuilder out = new StringBuilder(piece.length() + 16);
        JsonStringEncoder.getInstance().quoteAsString(piece, out);
        return out.toString();
    }

    /** Whether every surrogate has its other half. */
    static boolean isWellFormed(String text) {
        return firstLone(text, 0, text.length()) < 0;
    }

    private static int firstLone(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    return i;
                }
            }
        }
        return -1;
    }

    private static String repaired(String text, int firstLone, int to) {
        StringBuilder out = new StringBuilder(text);
        for (int lone = firstLone; lone >= 0; lone = firstLone(text, lone + 1, to)) {
            out.setCharAt(lone, REPLACEMENT);
        }
        return out.toString();
    }
}
