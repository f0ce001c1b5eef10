package io.github.opcuasm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command line run in this JVM, with an environment and a terminal of its own. */
final class CommandRun {
    private final Map<String, String> environment = new HashMap<>();
    private final StringWriter stdout = new StringWriter();
    private final StringWriter stderr = new StringWriter();
    private @Nullable String typed;
    private String asked = "";

    CommandRun environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Lets there be a terminal at which this is typed. */
    CommandRun typing(String text) {
        typed = text;
        return this;
    }

    /** Runs it and returns the exit code. */
    int run(String... arguments) {
        return Main.run(arguments, console());
    }

    Console console() {
        return new Console(new PrintWriter(stdout), new PrintWriter(stderr), environment, question -> {
            asked += question;
            return typed;
        });
    }

    String stdout() {
        return stdout.toString();
    }

    String stderr() {
        return stderr.toString();
    }

    /** What the terminal was asked. */
    String asked() {
        return asked;
    }
}
