package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How large the terminal is. */
record Terminal(int columns, int rows) {
    private static final Terminal USUAL = new Terminal(80, 24);

    /** The terminal that standard output is; null if it is something else, or cannot draw. */
    static @Nullable Terminal of(Map<String, String> environment) {
        if (!Console.isOnTerminal() || "dumb".equals(environment.get("TERM"))) {
            return null;
        }
        Terminal asked = asked();
        Terminal otherwise = asked == null ? USUAL : asked;
        return new Terminal(
                number(environment.get("COLUMNS"), otherwise.columns()),
                number(environment.get("LINES"), otherwise.rows()));
    }

    /** Shells keep these variables to themselves, mostly; stty knows. */
    private static @Nullable Terminal asked() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(2, TimeUnit.SECONDS)) {
                stty.destroyForcibly();
                return null;
            }
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", 2);
            return size.length < 2
                    ? null
                    : new Terminal(number(size[1], USUAL.columns()), number(size[0], USUAL.rows()));
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static int number(@Nullable String text, int otherwise) {
        return text != null && text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : otherwise;
    }
}
