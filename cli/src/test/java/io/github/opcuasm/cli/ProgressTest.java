package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final String ERASE = "\r\u001B[K";

    private final StringWriter screen = new StringWriter();

    @Test
    void whatTakesLongIsSaidAndErasedAtTheEnd() {
        try (Progress progress = Progress.shown(new PrintWriter(screen), "browsing", 5)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> screen.toString().contains("browsing … 0 s"));
            assertThat(progress).isNotNull();
        }

        assertThat(screen.toString()).startsWith(ERASE + "browsing … ").endsWith(ERASE);
    }

    @Test
    void whatIsQuickShowsNothing() {
        Progress.shown(new PrintWriter(screen), "browsing", 60_000).close();

        assertThat(screen.toString()).isEmpty();
    }
}
