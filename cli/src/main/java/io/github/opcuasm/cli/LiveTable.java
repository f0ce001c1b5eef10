package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A table on a terminal, a row for each node with its last value, drawn over the former one: at most ten times a second, and
 * only when something changed. Rows are cut to the terminal's width, a node's name at its beginning: its end tells more.
 * What does not fit below each other is left out, and counted.
 */
final class LiveTable implements StreamOutput {
    private static final long PAUSE_NANOS = 100_000_000;
    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final String ESCAPE = "\u001B[";
    private static final int TIME_WIDTH = 8;
    private static final int GAP = 2;
    private static final int TIME_BEGIN = 11;

    private final PrintWriter out;
    private final Terminal terminal;
    private final boolean timestamps;
    private final LongSupplier nanoTime;
    private final List<Row> rows = new ArrayList<>();
    private long changes;
    private @Nullable String state;
    private boolean isStale = true;
    private boolean wasDrawn;
    private long drawnAt;
    private int drawnLines;

    private static final class Row {
        private final String label;
        private String value = "";
        private String time = "";

        Row(String label) {
            this.label = label;
        }
    }

    /**
     * @param labels of the items, whose client handles count from 1
     * @param timestamps whether rows say when their values are from
     */
    LiveTable(PrintWriter out, Terminal terminal, List<String> labels, boolean timestamps, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.timestamps = timestamps;
        this.nanoTime = nanoTime;
        labels.forEach(label -> rows.add(new Row(label)));
        // No cursor, and no wrapping of what a narrower terminal cannot show.
        out.print(ESCAPE + "?25l" + ESCAPE + "?7l");
        flush();
    }

    @Override
    public void show(Notification notification, StreamEvent.Notifications message) {
        if (notification instanceof Notification.DataChange change) {
            JsonValue.Obj value = Changes.json(change.dataValue());
            Row row = rows.get((int) change.clientHandle() - 1);
            String status =
                    Shown.status(value).isGood() ? "" : Shown.status(value).name() + " ";
            row.value = Changes.line(status + Shown.value(value));
            String time = Changes.time(value);
            row.time =
                    time.length() < TIME_BEGIN + TIME_WIDTH ? "" : time.substring(TIME_BEGIN, TIME_BEGIN + TIME_WIDTH);
            changes++;
            isStale = true;
        }
    }

    @Override
    public void refused(int index, String status) {
        rows.get(index).value = status;
        isStale = true;
    }

    @Override
    public void fares(@Nullable String now) {
        state = now;
        isStale = true;
    }

    /** Above the table, which is drawn anew below. */
    @Override
    public void aside(Runnable telling) {
        if (drawnLines > 0) {
            out.print(ESCAPE + drawnLines + "A\r" + ESCAPE + "J");
        }
        out.print(ESCAPE + "?7h");
        out.flush();
        telling.run();
        out.print(ESCAPE + "?7l");
        boolean draws = drawnLines > 0;
        drawnLines = 0;
        if (draws) {
            draw();
        } else {
            out.flush();
        }
    }

    @Override
    public void flush() {
        if (isStale && (!wasDrawn || nanoTime.getAsLong() - drawnAt >= PAUSE_NANOS)) {
            draw();
        }
    }

    @Override
    public Duration patience() {
        return isStale ? Duration.ofNanos(PAUSE_NANOS) : FOR_EVER;
    }

    /** Draws what is not shown yet, and gives the cursor back. */
    @Override
    public void close() {
        if (isStale) {
            draw();
        }
        out.print(ESCAPE + "?7h" + ESCAPE + "?25h");
        out.flush();
    }

    private void draw() {
        StringBuilder screen = new StringBuilder();
        if (drawnLines > 0) {
            screen.append(ESCAPE).append(drawnLines).append('A');
        }
        int fitting = Math.max(1, terminal.rows() - 2);
        int visible = Math.min(rows.size(), fitting);
        int labelWidth = labelWidth();
        for (Row row : rows.subList(0, visible)) {
            end(screen, line(row, labelWidth));
        }
        String hidden = visible < rows.size() ? (rows.size() - visible) + " more nodes, " : "";
        String fares = state == null ? "" : state + ", ";
        end(
                screen,
                CellText.cut(
                        hidden + fares + changes + (changes == 1 ? " change" : " changes") + ", Ctrl-C ends", width()));
        out.print(screen);
        out.flush();
        drawnLines = visible + 1;
        wasDrawn = true;
        isStale = false;
        drawnAt = nanoTime.getAsLong();
    }

    private static void end(StringBuilder screen, String line) {
        screen.append('\r').append(line).append(ESCAPE).append("K\r\n");
    }

    /** The last column stays free: some terminals wrap behind it all the same. */
    private int width() {
        return terminal.columns() - 1;
    }

    private int labelWidth() {
        int widest = 0;
        for (Row row : rows) {
            widest = Math.max(widest, CellText.width(Changes.line(row.label)));
        }
        return Math.min(widest, Math.max(4, (width() - (timestamps ? TIME_WIDTH + GAP : 0)) / 2 - GAP));
    }

    private String line(Row row, int labelWidth) {
        String label = CellText.cutAtBegin(Changes.line(row.label), labelWidth);
        String time = timestamps ? CellText.pad(row.time, TIME_WIDTH) + " ".repeat(GAP) : "";
        return CellText.cut(time + CellText.pad(label, labelWidth) + " ".repeat(GAP) + row.value, width());
    }
}
