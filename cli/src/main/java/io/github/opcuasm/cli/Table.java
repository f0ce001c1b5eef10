package io.github.opcuasm.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows of cells, each column as wide as its widest cell, two spaces apart. Every row is one line and takes no more columns
 * than the {@link Style} allows: the widest columns give way first, their cells cut with an ellipsis. Where not even
 * {@value #LEAST_WIDTH} columns are left for each, the cells of a row stand below each other instead, under their headers'
 * names, and a blank line between the rows. What is of no use in part, {@link #keeping ids and fingerprints}, is not cut,
 * even where the terminal has to wrap it.
 */
final class Table {
    /** One long cell does not push all others out of sight. */
    private static final int MAX_PADDED_WIDTH = 60;

    private static final int LEAST_WIDTH = 8;
    private static final int GAP = 2;
    private static final String RECORD_INDENT = "  ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();
    private final Set<Integer> cutAtBegin = new HashSet<>();
    private final Set<Integer> kept = new HashSet<>();
    private boolean keptAll;
    private int statusColumn = -1;

    /** @param header the names of the columns; none where the cells speak for themselves */
    Table(String... header) {
        this.header = List.of(header);
    }

    /** Cuts the cells of these columns at their beginning: node ids and URLs. */
    Table cuttingAtBegin(int... columns) {
        Arrays.stream(columns).forEach(cutAtBegin::add);
        return this;
    }

    /** Never cuts the cells of these columns: what is copied from them, such as ids and fingerprints. */
    Table keeping(int... columns) {
        Arrays.stream(columns).forEach(kept::add);
        return this;
    }

    /** Never cuts anything: the properties of one thing, which there are few of. */
    Table keepingAll() {
        keptAll = true;
        return this;
    }

    /** Colours the cells of this column as statuses. */
    Table status(int column) {
        statusColumn = column;
        return this;
    }

    void row(String... cells) {
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(CellText.line(cell));
        }
        rows.add(row);
    }

    void print(Console console) {
        print(console.out(), Style.of(console));
    }

    void print(PrintWriter out, Style given) {
        Style style = keptAll ? new Style(given.coloured(), Integer.MAX_VALUE) : given;
        int[] widths = widths();
        if (style.width() != Integer.MAX_VALUE && !fit(widths, style.width() - GAP * Math.max(0, widths.length - 1))) {
            printRecords(out, style);
            return;
        }
        if (!header.isEmpty()) {
            out.println(style.header(headerLine(widths, style)));
        }
        for (List<String> row : rows) {
            out.println(line(row, widths, style));
        }
    }

    private int[] widths() {
        int columns = header.size();
        for (List<String> row : rows) {
            columns = Math.max(columns, row.size());
        }
        int[] widths = new int[columns];
        for (int column = 0; column < columns; column++) {
            widths[column] = column < header.size() ? CellText.width(header.get(column)) : 0;
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], column < row.size() ? CellText.width(row.get(column)) : 0);
            }
        }
        return widths;
    }

    /** Narrows the widest columns until all fit; false if that leaves too little of them. */
    private boolean fit(int[] widths, int available) {
        int sum = Arrays.stream(widths).sum();
        while (sum > available) {
            int widest = -1;
            for (int column = 0; column < widths.length; column++) {
                boolean wider = widest < 0 || widths[column] > widths[widest];
                widest = wider && !kept.contains(column) ? column : widest;
            }
            if (widest < 0 || widths[widest] <= LEAST_WIDTH) {
                return false;
            }
            widths[widest]--;
            sum--;
        }
        return true;
    }

    /** The names of columns are cut at their end, also where cells are cut at their beginning. */
    private String headerLine(int[] widths, Style style) {
        var line = new StringBuilder();
        for (int column = 0; column < header.size(); column++) {
            String name = CellText.cut(header.get(column), widths[column]);
            boolean last = column == header.size() - 1;
            line.append(last ? name : CellText.pad(name, padded(widths[column], style) + GAP));
        }
        return line.toString();
    }

    private String line(List<String> row, int[] widths, Style style) {
        boolean bounded = style.width() != Integer.MAX_VALUE;
        int last = row.size() - 1;
        while (last > 0 && row.get(last).isEmpty()) {
            last--;
        }
        var line = new StringBuilder();
        for (int column = 0; column <= last; column++) {
            String cell = bounded ? cut(column, row.get(column), widths[column]) : row.get(column);
            int padded = padded(widths[column], style);
            String padding = column == last ? "" : " ".repeat(Math.max(0, padded - CellText.width(cell)) + GAP);
            line.append(column == statusColumn ? style.status(cell) : cell).append(padding);
        }
        return line.toString();
    }

    private static int padded(int width, Style style) {
        return style.width() == Integer.MAX_VALUE ? Math.min(MAX_PADDED_WIDTH, width) : width;
    }

    private String cut(int column, String cell, int width) {
        if (kept.contains(column)) {
            return cell;
        }
        return cutAtBegin.contains(column) ? CellText.cutAtBegin(cell, width) : CellText.cut(cell, width);
    }

    private void printRecords(PrintWriter out, Style style) {
        int names = header.stream().mapToInt(CellText::width).max().orElse(0);
        boolean first = true;
        for (List<String> row : rows) {
            if (!first && row.size() > 1) {
                out.println();
            }
            first = false;
            for (int column = 0; column < row.size(); column++) {
                String name = column < header.size()
                        ? CellText.pad(header.get(column), names) + "  "
                        : column == 0 ? "" : RECORD_INDENT;
                String cell = cut(column, row.get(column), style.width() - CellText.width(name));
                if (!cell.isEmpty()) {
                    out.println(
                            CellText.cut(name, style.width()) + (column == statusColumn ? style.status(cell) : cell));
                }
            }
        }
    }
}
