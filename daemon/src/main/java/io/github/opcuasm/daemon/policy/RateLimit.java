package io.github.opcuasm.daemon.policy;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many in so long: {@code 100/s}, {@code 20/min}, {@code 1000/h}. As many may come at once; then they come back evenly.
 *
 * @param count 1 to 1,000,000
 * @param period one second, minute or hour
 */
public record RateLimit(int count, Duration period) {
    private static final Pattern SHAPE = Pattern.compile("([0-9]{1,7})/(s|min|h)");
    private static final int MAX_COUNT = 1_000_000;
    private static final Set<Duration> PERIODS =
            Set.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1));

    public RateLimit {
        if (count < 1 || count > MAX_COUNT || !PERIODS.contains(period)) {
            throw new IllegalArgumentException("rate: got " + count + " in " + period + ", expected 1 to " + MAX_COUNT
                    + " in a second, a minute or an hour");
        }
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static RateLimit parse(String text) {
        return parse("rate", text);
    }

    static RateLimit parse(String field, String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (matcher.matches()) {
            int count = Integer.parseInt(matcher.group(1));
            if (count >= 1 && count <= MAX_COUNT) {
                Duration period = switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(1);
                    case "min" -> Duration.ofMinutes(1);
                    default -> Duration.ofHours(1);
                };
                return new RateLimit(count, period);
            }
        }
        throw Wrong.value(field, text, "a number from 1 to " + MAX_COUNT + " and its time: 100/s, 20/min or 1000/h");
    }

    /** As files have it. */
    @Override
    public String toString() {
        long seconds = period.toSeconds();
        return count + (seconds == 1 ? "/s" : seconds == 60 ? "/min" : "/h");
    }
}
