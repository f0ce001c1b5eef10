package io.github.opcuasm.daemon.policy;

/**
 * A text in which {@code *} stands for any characters, none included; in the name of a host for any but dots, and
 * {@code **} for those too. Matching takes at most the product of both lengths, whatever a caller sends.
 */
final class Glob {
    private Glob() {}

    static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /**
     * As {@link #matches}, for names of hosts. The pattern has a state for each of its characters; all states that the text
     * so far can be in are followed at once.
     */
    static boolean matchesName(String pattern, String name) {
        boolean[] states = new boolean[pattern.length() + 1];
        states[0] = true;
        skipStars(pattern, states);
        for (int t = 0; t < name.length(); t++) {
            boolean[] next = new boolean[states.length];
            char c = name.charAt(t);
            for (int p = 0; p < pattern.length(); p++) {
                if (states[p] && pattern.charAt(p) == '*') {
                    next[p] |= c != '.' || isDouble(pattern, p);
                } else if (states[p] && pattern.charAt(p) == c) {
                    next[p + 1] = true;
                }
            }
            skipStars(pattern, next);
            states = next;
        }
        return states[pattern.length()];
    }

    private static void skipStars(String pattern, boolean[] states) {
        for (int p = 0; p < pattern.length(); p++) {
            states[p + 1] |= states[p] && pattern.charAt(p) == '*';
        }
    }

    private static boolean isDouble(String pattern, int star) {
        return (star > 0 && pattern.charAt(star - 1) == '*')
                || (star + 1 < pattern.length() && pattern.charAt(star + 1) == '*');
    }
}
