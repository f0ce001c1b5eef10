package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MarkerFactory;

class LogFormatTest {
    private final LogFormat text = new LogFormat(LogSettings.Format.TEXT, ZoneId.of("UTC"));
    private final LogFormat json = new LogFormat(LogSettings.Format.JSON, ZoneId.of("UTC"));

    @ParameterizedTest
    @CsvSource({"DEBUG, DEBUG", "INFO, INFO", "WARN, WARNING", "ERROR, ERROR"})
    void levelsHaveTheNamesOfTheCommandLine(String level, String shown) {
        String line = text.line(event(Level.toLevel(level), "hello", null));

        assertThat(line).isEqualTo("[2026-05-15 08:30:00] [" + shown + "] hello");
    }

    @Test
    void anInfoEntryWithTheMarkerIsANotice() {
        LoggingEvent event = event(Level.INFO, "hello", null);
        event.addMarker(MarkerFactory.getMarker(LogFormat.NOTICE));

        assertThat(text.line(event)).contains("[NOTICE] hello");
    }

    @Test
    void nothingInAMessageStartsALineOfItsOwn() {
        String line = text.line(event(Level.INFO, "a\n[2026-01-01 00:00:00] [ERROR] forged\r\u0007", null));

        assertThat(line).endsWith("a\\n[2026-01-01 00:00:00] [ERROR] forged\\r\\u0007");
    }

    @Test
    void aStackTraceStaysOnItsLine() {
        String line =
                text.line(event(Level.ERROR, "failed", new IllegalStateException("why", new RuntimeException("root"))));

        assertThat(line.lines()).hasSize(1);
        assertThat(line).contains("java.lang.IllegalStateException: why", "caused by java.lang.RuntimeException: root");
    }

    @Test
    void jsonEntriesAreObjects() {
        String line = json.line(event(Level.WARN, "say \"hello\"\n", null));

        assertThat(line)
                .startsWith("{\"time\":\"2026-05-15T08:30:00.000+00:00\",\"level\":\"warning\"")
                .contains("\"message\":\"say \\\"hello\\\"\\n\"");
    }

    private static LoggingEvent event(Level level, String message, @Nullable Throwable failure) {
        var context = new LoggerContext();
        var event =
                new LoggingEvent("x", context.getLogger("io.github.opcuasm.x"), level, message, failure, new Object[0]);
        event.setInstant(Instant.parse("2026-05-15T08:30:00Z"));
        return event;
    }
}
