package io.github.opcuasm.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as people give them: {@code now}, {@code 2h} for two hours ago, a date, a date and time. */
final class PointInTime {
    private static final Pattern AGO = Pattern.compile("-?([0-9]{1,9})(ms|s|m|h|d|w)");

    private PointInTime() {}

    /**
     * Reads one.
     *
     * @param zone of a date or a date and time without an offset
     * @throws UsageException naming the option
     */
    static Instant parse(String option, String text, Instant now, ZoneId zone) {
        if (text.equals("now")) {
            return now;
        }
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return now.minus(unit(ago.group(2)).multipliedBy(Long.parseLong(ago.group(1))));
        }
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant();
            }
            String iso = text.replace(' ', 'T');
            boolean hasOffset = iso.matches(".*(Z|[+-][0-9]{2}(:?[0-9]{2})?)");
            return hasOffset && iso.indexOf('T') > 0
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).atZone(zone).toInstant();
        } catch (DateTimeException e) {
            throw new UsageException(option + ": got " + text
                    + ", expected a time such as 2026-05-15T10:30:00Z, 2026-05-15, 2h (two hours ago) or now");
        }
    }

    /** A length of time such as {@code 90s}, {@code 15m} or {@code 1h}. */
    static Duration length(String option, String text) {
        Matcher length = AGO.matcher(text);
        if (!length.matches() || text.startsWith("-") || Long.parseLong(length.group(1)) == 0) {
            throw new UsageException(
                    option + ": got " + text + ", expected a length of time such as 500ms, 90s, 15m or 1h");
        }
        return unit(length.group(2)).multipliedBy(Long.parseLong(length.group(1)));
    }

    private static Duration unit(String name) {
        return switch (name) {
            case "ms" -> Duration.ofMillis(1);
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            case "d" -> Duration.ofDays(1);
            default -> Duration.ofDays(7);
        };
    }
}
