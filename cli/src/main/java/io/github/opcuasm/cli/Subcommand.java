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
    BROWSE("show what is below a node, as a tree"),
    RESOLVE("find a node by its path of browse names"),
    CALL("call a method"),
    HISTORY("read what a variable was"),
    ENDPOINTS("show what a server offers"),
    INFO("show what a server says about itself"),
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
            case BROWSE -> new BrowseCommand();
            case RESOLVE -> new ResolveCommand();
            case CALL -> new CallCommand();
            case HISTORY -> new HistoryCommand();
            case ENDPOINTS -> new EndpointsCommand();
            case INFO -> new InfoCommand();
            case SIMULATE -> new SimulateCommand();
            case DEMO -> new DemoCommand();
        };
    }
}
