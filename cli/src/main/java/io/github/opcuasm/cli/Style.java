package io.github.opcuasm.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How what is printed may look: on a terminal with colours, unless {@code NO_COLOR} is set or the terminal is {@code dumb},
 * and within its width. {@code COLUMNS}, where it is exported, is the width of everything else too; without it a file or a
 * pipe gets whole lines.
 *
 * @param width how many columns a line may take; {@link Integer#MAX_VALUE} = any number
 */
record Style(boolean coloured, int width) {
    private static final String RESET = "\u001B[0m";
    private static final String BOLD = "\u001B[1m";
    private static final String RED = "\u001B[31m";
    private static final String YELLOW = "\u001B[33m";

    static Style of(Console console) {
        Map<String, String> environment = console.environment();
        Terminal terminal = Terminal.of(environment);
        String columns = environment.get("COLUMNS");
        if (terminal == null) {
            boolean given = columns != null && columns.matches("[1-9][0-9]{0,3}");
            return new Style(false, given ? Integer.parseInt(columns) : Integer.MAX_VALUE);
        }
        String noColour = environment.getOrDefault("NO_COLOR", "");
        boolean coloured = noColour.isEmpty() && !"dumb".equals(environment.get("TERM"));
        return new Style(coloured, terminal.columns());
    }

    String header(String text) {
        return coloured ? BOLD + text + RESET : text;
    }

    /** A status by its name: red if it is bad, yellow if it is uncertain. */
    String status(String text) {
        String colour = colourOf(text);
        return colour == null || !coloured ? text : colour + text + RESET;
    }

    private static @Nullable String colourOf(String status) {
        return status.startsWith("Bad") ? RED : status.startsWith("Uncertain") ? YELLOW : null;
    }

    /** A line that is not of a table, cut to the width. */
    String line(String text) {
        return CellText.cut(CellText.line(text), width);
    }
}
