package io.github.opcuasm.benchmarks;

import java.util.Locale;

/** A figure that the daemon is held to, and what it was. */
record Target(String what, double limit, double measured, String unit, boolean atMost) {
    static Target atMost(String what, double limit, double measured, String unit) {
        return new Target(what, limit, measured, unit, true);
    }

    static Target atLeast(String what, double limit, double measured, String unit) {
        return new Target(what, limit, measured, unit, false);
    }

    boolean isMet() {
        return atMost ? measured <= limit : measured >= limit;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s  %s: %,.0f %s (%s %,.0f)",
                isMet() ? "pass" : "FAIL",
                what,
                measured,
                unit,
                atMost ? "at most" : "at least",
                limit);
    }
}
