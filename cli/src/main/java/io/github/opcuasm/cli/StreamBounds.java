package io.github.opcuasm.cli;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * How often a stream is sent, and when it has shown enough.
 *
 * @param intervalMs the publishing interval
 * @param count 0 = no end
 * @param duration null = no end
 */
record StreamBounds(double intervalMs, long count, @Nullable Duration duration) {
    private static final String INTERVAL = "--interval";
    private static final String COUNT = "--count";
    private static final String DURATION = "--duration";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,6})?");
    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,9}");

    static void declare(CommandSpec spec, String what) {
        spec.addOption(Syntax.value("MS", "how often the server sends what happened, in milliseconds (500)", INTERVAL));
        spec.addOption(Syntax.value("N", "end after so many " + what, COUNT));
        spec.addOption(Syntax.value("S", "end after so many seconds", DURATION));
    }

    static StreamBounds of(ParseResult given) {
        Double interval = millis(given, INTERVAL);
        return new StreamBounds(
                interval == null ? 500 : interval,
                given.hasMatchedOption(COUNT) ? whole(given, COUNT, 1, 999_999_999) : 0,
                DaemonAccess.seconds(given, DURATION));
    }

    /** An option's milliseconds; null if it was not given. */
    static @Nullable Double millis(ParseResult given, String option) {
        String text = given.matchedOptionValue(option, (String) null);
        if (text != null && !NUMBER.matcher(text).matches()) {
            throw new UsageException(option + ": got " + text + ", expected milliseconds such as 500");
        }
        return text == null ? null : Double.valueOf(text);
    }

    /** The whole number of an option that was given. */
    static int whole(ParseResult given, String option, int from, int to) {
        String text = given.matchedOptionValue(option, "");
        if (!WHOLE.matcher(text).matches() || Integer.parseInt(text) < from || Integer.parseInt(text) > to) {
            throw new UsageException(option + ": got " + text + ", expected a whole number from " + from + " to " + to);
        }
        return Integer.parseInt(text);
    }
}
