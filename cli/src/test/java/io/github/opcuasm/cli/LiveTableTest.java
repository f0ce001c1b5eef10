package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.Variant;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LiveTableTest {
    private static final String CURSOR_OFF = "\u001B[?25l\u001B[?7l";
    private static final String CURSOR_ON = "\u001B[?7h\u001B[?25h";

    private final StringWriter screen = new StringWriter();
    private final AtomicLong nanoTime = new AtomicLong();

    @Test
    void rowsFitTheTerminal() {
        try (LiveTable table = table(40, 24, "nsu=http://example.org/plant;s=Line 1/Pump/Speed", "i=2258")) {
            table.show(change(1, "x".repeat(100)), message());
            table.show(change(2, "\uD83D\uDE00".repeat(100)), message());
        }

        assertThat(lines())
                .allMatch(line -> CellText.width(line) < 40)
                .anyMatch(line -> line.startsWith("…ine 1/Pump/Speed") && line.endsWith("x…"))
                .anyMatch(line -> line.startsWith("i=2258") && line.endsWith("\uD83D\uDE00…"));
    }

    @Test
    void itIsDrawnOverItselfAtMostTenTimesASecond() {
        try (LiveTable table = table(80, 24, "a", "b")) {
            for (int i = 0; i < 50; i++) {
                nanoTime.addAndGet(10_000_000);
                table.show(change(1, Integer.toString(i)), message());
                table.flush();
            }
        }

        String drawn = screen.toString();
        assertThat(drawn.split("changes?, Ctrl-C ends", -1)).hasSizeBetween(6, 8);
        assertThat(drawn).contains("\u001B[3A", "49", "50 changes");
    }

    @Test
    void moreRowsThanTheTerminalHasAreCounted() {
        String[] nodes = IntStream.range(0, 30).mapToObj(i -> "node" + i).toArray(String[]::new);
        try (LiveTable table = table(80, 10, nodes)) {
            table.show(change(30, "1"), message());
        }

        assertThat(lines()).anyMatch(line -> line.equals("22 more nodes, 1 change, Ctrl-C ends"));
        assertThat(screen.toString()).doesNotContain("node8");
    }

    @Test
    void whatValuesSayIsNoCommandForTheTerminal() {
        try (LiveTable table = table(80, 24, "a")) {
            table.show(change(1, "\u001B[2Jx\ny\u009Bz"), message());
        }

        assertThat(screen.toString()).contains("\\u001B[2Jx\\ny z").doesNotContain("\u001B[2J");
    }

    @Test
    void whatIsToldBesideStandsAboveTheTableWhichIsDrawnAnew() {
        try (LiveTable table = table(80, 24, "a", "b")) {
            table.show(change(1, "x"), message());
            table.flush();

            table.fares("interrupted");
            table.refused(1, "Bad_NodeIdUnknown");
            table.aside(() -> screen.write("notice\r\n"));
        }

        assertThat(screen.toString()).contains("\u001B[3A\r\u001B[J\u001B[?7hnotice");
        String below = screen.toString().substring(screen.toString().indexOf("notice"));
        assertThat(below).contains("a  x").contains("b  Bad_NodeIdUnknown").contains("interrupted, 1 change");
        assertThat(below).doesNotContain("\u001B[3A");
    }

    @Test
    void terminalIsLeftAsItWas() {
        table(80, 24, "a").close();

        assertThat(screen.toString()).startsWith(CURSOR_OFF).endsWith(CURSOR_ON);
    }

    private LiveTable table(int columns, int rows, String... nodes) {
        return new LiveTable(
                new PrintWriter(screen), new Terminal(columns, rows), List.of(nodes), false, nanoTime::get);
    }

    private List<String> lines() {
        return screen.toString()
                .replaceAll("\u001B\\[[?0-9]*[A-Za-z]", "")
                .lines()
                .map(line -> line.replace("\r", ""))
                .toList();
    }

    private static Notification change(long handle, String value) {
        return new Notification.DataChange(handle, DataValue.of(Variant.scalar(BuiltinType.STRING, value)));
    }

    private static StreamEvent.Notifications message() {
        return new StreamEvent.Notifications(1, 1, 0, null, List.of());
    }
}
