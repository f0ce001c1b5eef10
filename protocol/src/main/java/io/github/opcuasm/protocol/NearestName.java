package io.github.opcuasm.protocol;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * The valid name that a misspelt one most likely stands for: the least edit distance (insert, delete, replace, swap of
 * neighbours; case does not count), if it is at most a third of the longer name; of equals the first.
 */
public final class NearestName {
    private NearestName() {}

    /** Empty if nothing is near. */
    public static Optional<String> to(String given, Collection<String> valid) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        String lower = given.toLowerCase(Locale.ROOT);
        for (String name : valid) {
            int distance = distance(lower, name.toLowerCase(Locale.ROOT));
            if (distance < bestDistance && distance * 3 <= Math.max(given.length(), name.length())) {
                best = name;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Whether so many slips, and no more than a third of the longer name, make one of the other; case does not count. */
    public static boolean isWithin(int slips, String given, String name) {
        int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
        return distance <= slips && distance * 3 <= Math.max(given.length(), name.length());
    }

    /** {@code ; did you mean NAME?}, or what to ask when nothing is near. */
    public static String hint(String given, Collection<String> valid, String otherwise) {
        return to(given, valid).map(name -> "; did you mean " + name + "?").orElse("; " + otherwise);
    }

    private static int distance(String a, String b) {
        if (a.length() > 100) {
            return Integer.MAX_VALUE / 4;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
