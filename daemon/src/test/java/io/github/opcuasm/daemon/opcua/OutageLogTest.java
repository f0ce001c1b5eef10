package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.ManualTicker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many lines there are; what they say is for {@link OutageTest}. */
final class OutageLogTest {
    private final List<Runnable> lines = new ArrayList<>();
    private final OutageLog log = new OutageLog("plc:4840", new ManualTicker(), lines::add);

    @Test
    void reasonsThatDifferByNumbersAreOne() {
        OutageLog.Entry entry = log.lost("connection closed");

        for (int i = 0; i < 100; i++) {
            log.notRestored(entry, "no slot at 12:00:" + i);
        }

        assertThat(lines).hasSize(2);
    }

    @Test
    void everNewReasonsDoNotFillTheLog() {
        OutageLog.Entry entry = log.lost("connection closed");

        for (char c = 'A'; c <= 'Z'; c++) {
            log.notRestored(entry, "no, because of " + c);
        }

        assertThat(lines).hasSizeBetween(2, 17);
    }

    @Test
    void serverThatRefusesAndIsAwayByTurnsDoesNotFillTheLog() {
        OutageLog.Entry entry = log.lost("connection closed");

        for (int i = 0; i < 100; i++) {
            log.notRestored(entry, "refused");
            log.notReached(entry, "away");
        }

        assertThat(lines).hasSize(3);
    }

    @Test
    void nextOutageIsSaidAnewThoughSomebodyIsRefusedAllTheTime() {
        log.notRestored(log.lost("connection closed"), "refused");
        OutageLog.Entry other = log.lost("connection closed");
        log.notReached(other, "away");
        log.restored(other, false);
        log.ends(other);
        lines.clear();

        log.notReached(log.lost("connection closed"), "away");

        assertThat(lines).as("lost, and away").hasSize(2);
    }
}
