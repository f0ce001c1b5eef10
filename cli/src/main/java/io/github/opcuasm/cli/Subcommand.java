package io.github.opcuasm.cli;

import java.util.Locale;
import java.util.Optional;

/** The subcommands. What one needs is loaded when it is named and not before. */
enum Subcommand {
    PING("check that the daemon runs"),
    LIST("show the open sessions"),
    OPEN("open a session, or reuse one"),
    CLOSE("close sessions"),
    READ("read values"),
    WRITE("write a value"),
    SIMULATE("run an OPC UA server to try things on"),
    DEMO("simulator and daemon in one: see a session being reused");

    private final String summary;

    Subcommand(String summary) {
        this.summary = summary;
    }

    static Optional<Subcommand> named(String name) {
        for (Subcommand subcommand : values()) {
            if (subcommand.commandName().equals(name)) {
                return Optional.of(subcommand);
            }
        }
        return Optional.empty();
    }

    String commandName() {
        return name().toLowerCase(Locale.ROOT);
    }

    String summary() {
        return summary;
    }

    Command create() {
        return switch (this) {
            case PING -> new PingCommand();
            case LIST -> new ListCommand();
            case OPEN -> new OpenCommand();
            case CLOSE -> new CloseCommand();
            case READ -> new ReadCommand();
            case WRITE -> new WriteCommand();
            case SIMULATE -> new SimulateCommand();
            case DEMO -> new DemoCommand();
        };
    }
}
