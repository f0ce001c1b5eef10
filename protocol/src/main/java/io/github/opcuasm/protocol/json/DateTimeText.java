package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.DateTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Points in time as text. Written by hand, since a timestamp is written twice for every value: always UTC, always the
 * same width, {@code 2026-05-15T10:30:00.123456+00:00}.
 */
final class DateTimeText {
    private static final DateTimeFormatter OFFSET_DATE_TIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT)
            .withChronology(IsoChronology.INSTANCE);

    private static final DateTimeFormatter PHP_DATE_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral(' ')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT)
            .withChronology(IsoChronology.INSTANCE);

    /** From 1601-01-01 on. */
    private static final long DAYS_TO_UNIX_EPOCH = 134_774;

    private static final Map<String, ZoneId> ABBREVIATIONS = abbreviations();

    private DateTimeText() {}

    /**
     * @param value not null
     * @param fractionDigits 0 to 7; the rest is cut, not rounded
     */
    static String format(DateTime value, int fractionDigits) {
        Instant instant = value.toInstant();
        LocalDateTime utc = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
        char[] text = new char[20 + fractionDigits + 6];
        digits(text, 0, 4, utc.getYear());
        text[4] = '-';
        digits(text, 5, 2, utc.getMonthValue());
        text[7] = '-';
        digits(text, 8, 2, utc.getDayOfMonth());
        text[10] = 'T';
        digits(text, 11, 2, utc.getHour());
        text[13] = ':';
        digits(text, 14, 2, utc.getMinute());
        text[16] = ':';
        digits(text, 17, 2, utc.getSecond());
        text[19] = '.';
        int fraction = utc.getNano();
        for (int cut = fractionDigits; cut < 9; cut++) {
            fraction /= 10;
        }
        digits(text, 20, fractionDigits, fraction);
        "+00:00".getChars(0, 6, text, 20 + fractionDigits);
        return new String(text);
    }

    /** Any ISO 8601 date and time with an offset, the ends clamped; null if it is none. */
    static @Nullable DateTime parse(String text) {
        try {
            DateTime ours = parseOurs(text);
            if (ours != null) {
                return ours;
            }
            return DateTime.of(
                    OFFSET_DATE_TIME.parse(text, OffsetDateTime::from).toInstant());
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** What {@link #format} writes, which clients read twice for every value; null for everything else. */
    private static @Nullable DateTime parseOurs(String text) {
        int length = text.length();
        int end = length - 6;
        if (end < 21 || end > 27 || !text.endsWith("+00:00") || text.charAt(19) != '.') {
            return null;
        }
        if (text.charAt(4) != '-' || text.charAt(7) != '-' || text.charAt(10) != 'T') {
            return null;
        }
        if (text.charAt(13) != ':' || text.charAt(16) != ':') {
            return null;
        }
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        int fraction = number(text, 20, end);
        if (year < 1602 || year > 9998 || hour < 0 || hour > 23) {
            return null; // the ends of the range are for the slow way
        }
        if (minute < 0 || minute > 59 || second < 0 || second > 59 || fraction < 0) {
            return null;
        }
        for (int digits = end - 20; digits < 7; digits++) {
            fraction *= 10;
        }
        long seconds = DAYS_TO_UNIX_EPOCH * 86_400L
                + LocalDate.of(year, month, day).toEpochDay() * 86_400L
                + hour * 3_600L
                + minute * 60L
                + second;
        return new DateTime(seconds * 10_000_000L + fraction);
    }

    /** -1 if something else than digits stands there. */
    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /**
     * What PHP's DateTime objects look like as JSON: local time and zone apart; null if it is none.
     *
     * @param abbreviated whether the zone is an abbreviation ({@code timezone_type} 2), which tells summer from standard
     *     time, rather than an offset or a place
     */
    static @Nullable DateTime parsePhp(String date, String timezone, boolean abbreviated) {
        try {
            ZoneId zone = ABBREVIATIONS.get(timezone.toUpperCase(Locale.ROOT));
            if (zone == null && abbreviated) {
                return null;
            }
            return DateTime.of(PHP_DATE_TIME
                    .parse(date, LocalDateTime::from)
                    .atZone(zone == null ? ZoneId.of(timezone) : zone)
                    .toInstant());
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Those that mean one offset wherever they are used; the JDK's own table has places for them, and other ones. */
    private static Map<String, ZoneId> abbreviations() {
        String[] all = {
            "Z 0", "UTC 0", "GMT 0", "WET 0", "WEST 1", "BST 1", "CET 1", "CEST 2", "EET 2", "EEST 3", "MSK 3", "JST 9",
            "EST -5", "EDT -4", "CST -6", "CDT -5", "MST -7", "MDT -6", "PST -8", "PDT -7", "AKST -9", "AKDT -8",
            "HST -10"
        };
        Map<String, ZoneId> offsets = new HashMap<>();
        for (String each : all) {
            String[] parts = each.split(" ", 2);
            offsets.put(parts[0], ZoneOffset.ofHours(Integer.parseInt(parts[1])));
        }
        return Map.copyOf(offsets);
    }

    private static void digits(char[] text, int from, int count, int value) {
        int rest = value;
        for (int i = from + count - 1; i >= from; i--) {
            text[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
