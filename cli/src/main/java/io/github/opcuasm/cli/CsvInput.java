package io.github.opcuasm.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of comma-separated cells (RFC 4180), in UTF-8: lines end with LF or CR and LF, what is in quotes may hold both, and two
 * quotes stand for one. Empty lines are left out. A row has at most {@value #MAX_ROW} characters.
 */
final class CsvInput {
    private static final int MAX_ROW = 1024 * 1024;
    private static final int END = -1;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final Reader reader;
    private int line;
    private int ahead = '\n';

    CsvInput(InputStream utf8) {
        reader = new BufferedReader(new InputStreamReader(utf8, StandardCharsets.UTF_8));
    }

    /** The number of the line that the last row began at, from 1 on. */
    int line() {
        return line;
    }

    /** The cells of the next row; null at the end. */
    @Nullable
    List<String> next() throws IOException {
        List<String> cells = new ArrayList<>();
        do {
            if (ahead == END) {
                return null;
            }
            cells = row();
        } while (cells.size() == 1 && cells.get(0).isEmpty());
        return cells;
    }

    private List<String> row() throws IOException {
        line++;
        int first = line;
        List<String> cells = new ArrayList<>();
        var cell = new StringBuilder();
        boolean quoted = false;
        int length = 0;
        int c = reader.read();
        c = line == 1 && c == BYTE_ORDER_MARK ? reader.read() : c; // spreadsheets write one
        while (true) {
            if (++length > MAX_ROW) {
                throw new UsageException("line " + first + ": the row is longer than 1 MiB: is a quote missing?");
            }
            if (quoted) {
                if (c == END) {
                    throw new UsageException("line " + first + ": a quote is never closed");
                }
                int next = reader.read();
                if (c == '"' && next == '"') {
                    cell.append('"');
                    next = reader.read();
                } else if (c == '"') {
                    quoted = false;
                } else {
                    line += c == '\n' ? 1 : 0;
                    cell.append((char) c);
                }
                c = next;
                continue;
            }
            if (c == ',' || c == '\n' || c == END) {
                cells.add(stripped(cell));
                cell.setLength(0);
                if (c != ',') {
                    ahead = c;
                    return cells;
                }
            } else if (c == '"' && cell.toString().isBlank()) {
                quoted = true;
            } else {
                cell.append((char) c);
            }
            c = reader.read();
        }
    }

    private static String stripped(StringBuilder cell) {
        int length = cell.length();
        return length > 0 && cell.charAt(length - 1) == '\r' ? cell.substring(0, length - 1) : cell.toString();
    }
}
