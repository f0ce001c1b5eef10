package io.github.opcuasm.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as the command line has them: seconds, with a fraction if need be ({@code 0.25}), up to ten years. */
final class Seconds {
    private static final Pattern FORM = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    private Seconds() {}

    /**
     * Reads seconds.
     *
     * @throws IllegalArgumentException naming what is expected, not the option
     */
    static Duration parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("got " + text + ", expected seconds such as 30 or 0.5");
        }
        Duration value = Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValueExact());
        if (value.compareTo(Duration.ofDays(3650)) > 0) {
            throw new IllegalArgumentException("got " + text + ", expected at most 315360000 seconds (ten years)");
        }
        return value;
    }
}
