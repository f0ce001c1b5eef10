package io.github.opcuasm.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Lines of cells, each column as wide as its widest cell, two spaces apart. */
final class Table {
    private static final int MAX_COLUMN_WIDTH = 60;

    private final List<List<String>> rows = new ArrayList<>();

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    void print(PrintWriter out) {
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell);
                if (column < row.size() - 1) {
                    line.append(" ".repeat(Math.max(0, width(column) - cell.length()) + 2));
                }
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private int width(int column) {
        int width = 0;
        for (List<String> row : rows) {
            if (row.size() > column) {
                width = Math.max(
                        width, Math.min(MAX_COLUMN_WIDTH, row.get(column).length()));
            }
        }
        return width;
    }
}
