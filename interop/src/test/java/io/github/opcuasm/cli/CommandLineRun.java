package io.github.opcuasm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/**
 * A command line, run in this JVM with an environment of its own.
 *
 * @param code the exit code
 */
public record CommandLineRun(int code, String stdout, String stderr) {

    /** Runs one against the daemon on this socket. */
    public static CommandLineRun of(String socketUri, String... arguments) {
        var stdout = new StringWriter();
        var stderr = new StringWriter();
        Console console = new Console(
                new PrintWriter(stdout),
                new PrintWriter(stderr),
                Map.of(Endpoints.ENVIRONMENT, socketUri),
                question -> null);
        int code = Main.run(arguments, console);
        return new CommandLineRun(code, stdout.toString(), stderr.toString());
    }
}
