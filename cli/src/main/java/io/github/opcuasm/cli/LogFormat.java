package io.github.opcuasm.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.github.opcuasm.client.Json;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Formats log entries, one line each: {@code [2026-05-15 08:30:00] [INFO] message} or one JSON object. A stack trace
 * stays on its entry's line, and control characters are escaped: nothing that a peer sends can forge an entry.
 */
final class LogFormat {
    private static final int MAX_FRAMES = 40;
    private static final int MAX_CAUSES = 5;

    /** SLF4J has no level between info and warning: an info entry with this marker is one. */
    static final String NOTICE = "NOTICE";

    private final LogSettings.Format format;
    private final DateTimeFormatter textTime;
    private final DateTimeFormatter jsonTime;

    LogFormat(LogSettings.Format format, ZoneId zone) {
        this.format = format;
        this.textTime =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(zone);
        this.jsonTime = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx", Locale.ROOT)
                .withZone(zone);
    }

    /** The entry without its line end. */
    String line(ILoggingEvent event) {
        return format == LogSettings.Format.JSON ? json(event) : text(event);
    }

    private String text(ILoggingEvent event) {
        var line = new StringBuilder(160);
        line.append('[').append(textTime.format(Instant.ofEpochMilli(event.getTimeStamp())));
        line.append("] [").append(levelName(event)).append("] ");
        escape(line, event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            line.append(" | ");
            escape(line, trace(event.getThrowableProxy()));
        }
        return line.toString();
    }

    private String json(ILoggingEvent event) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("time", jsonTime.format(Instant.ofEpochMilli(event.getTimeStamp())));
        entry.put("level", levelName(event).toLowerCase(Locale.ROOT));
        entry.put("logger", event.getLoggerName());
        entry.put("thread", event.getThreadName());
        entry.put("message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                entry.putIfAbsent(pair.key, String.valueOf(pair.value));
            }
        }
        if (event.getThrowableProxy() != null) {
            entry.put("exception", trace(event.getThrowableProxy()));
        }
        return Json.text(Json.of(entry));
    }

    static boolean isNotice(ILoggingEvent event) {
        if (event.getMarkerList() != null) {
            for (Marker marker : event.getMarkerList()) {
                if (marker.contains(NOTICE)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String levelName(ILoggingEvent event) {
        Level level = event.getLevel();
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return "ERROR";
        } else if (level.isGreaterOrEqual(Level.WARN)) {
            return "WARNING";
        } else if (level.isGreaterOrEqual(Level.INFO)) {
            return isNotice(event) ? "NOTICE" : "INFO";
        }
        return "DEBUG";
    }

    private static String trace(IThrowableProxy first) {
        var text = new StringBuilder(512);
        IThrowableProxy failure = first;
        for (int causes = 0; failure != null && causes < MAX_CAUSES; causes++) {
            text.append(causes == 0 ? "" : " | caused by ").append(failure.getClassName());
            text.append(": ").append(failure.getMessage());
            StackTraceElementProxy[] frames = failure.getStackTraceElementProxyArray();
            int shown = Math.min(frames.length - failure.getCommonFrames(), MAX_FRAMES);
            for (int frame = 0; frame < shown; frame++) {
                text.append(" | ").append(frames[frame].getSTEAsString());
            }
            failure = failure.getCause();
        }
        return text.toString();
    }

    private static void escape(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else if (c == '\t') {
                line.append("\\t");
            } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
    }
}
