package io.github.opcuasm.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The subcommands. What one needs is loaded when it is named and not before. */
enum Subcommand {
    PING("check that the daemon runs"),
    HELLO("show which daemon it is, its limits and what it has"),
    STATS("show what the daemon and its sessions do, and how fast"),
    LIST("show the open sessions"),
    OPEN("open a session, or reuse one"),
    CLOSE("close sessions"),
    READ("read values"),
    WRITE("write values"),
    BROWSE("show what is below a node, as a tree"),
    RESOLVE("find a node by its path of browse names"),
    CALL("call a method"),
    METHODS("show the methods of an object and their arguments"),
    TYPES("show the structures and enumerations of a server"),
    WATCH("show how values change, live"),
    EVENTS("show events as they happen"),
    SUBSCRIPTIONS("show the subscriptions of the open sessions"),
    HISTORY("read what a variable was"),
    ENDPOINTS("show what a server offers"),
    SERVERS("show the servers that a server knows of"),
    INFO("show what a server says about itself"),
    QUERY("call any method of the protocol"),
    TRUST_LIST("show the certificates of servers that are trusted, pinned or refused"),
    TRUST_ADD("trust a server's certificate, or its issuer's"),
    TRUST_APPROVE("trust a certificate that was refused"),
    TRUST_REMOVE("trust a certificate no longer"),
    CERTIFICATE_SHOW("show the daemon's own certificate, for servers to trust"),
    POLICY_EXPLAIN("say whether somebody may do something, and by which rule"),
    TOKEN_ADD("make a named token and print it"),
    TOKEN_LIST("show the named tokens and what they may do"),
    TOKEN_REMOVE("take a named token away"),
    COMPLETION("print a script with which bash, zsh or fish completes commands"),
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

    /** The subcommand that a command line begins with: one word, or two. */
    static Optional<Subcommand> of(String... args) {
        if (args.length == 0) {
            return Optional.empty();
        }
        Optional<Subcommand> word = named(args[0]);
        return word.isPresent() || args.length == 1 ? word : named(args[0] + " " + args[1]);
    }

    /** The subcommands whose first of two words this is. */
    static List<Subcommand> group(String word) {
        return Stream.of(values())
                .filter(subcommand -> subcommand.commandName().startsWith(word + " "))
                .toList();
    }

    /** As it is typed: {@code list}, {@code trust list}. */
    String commandName() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** How many arguments name it. */
    int words() {
        return commandName().indexOf(' ') < 0 ? 1 : 2;
    }

    /** One line for each: name and summary. */
    static List<String> lines(Collection<Subcommand> subcommands) {
        int width = 0;
        for (Subcommand subcommand : subcommands) {
            width = Math.max(width, subcommand.commandName().length());
        }
        List<String> lines = new ArrayList<>();
        for (Subcommand subcommand : subcommands) {
            String name = subcommand.commandName();
            lines.add("  " + name + " ".repeat(width + 2 - name.length()) + subcommand.summary());
        }
        return lines;
    }

    String summary() {
        return summary;
    }

    /** What it does, as {@code policy explain} takes it; empty if that depends. */
    String action() {
        return switch (this) {
            case PING, LIST, OPEN, CLOSE, READ, WRITE, BROWSE, CALL, STATS -> commandName();
            case WATCH, EVENTS -> "read";
            case HISTORY -> "historyReadRaw";
            case TRUST_LIST, TRUST_ADD, TRUST_APPROVE, TRUST_REMOVE -> "trust";
            default -> "";
        };
    }

    Command create() {
        return switch (this) {
            case PING -> new PingCommand();
            case HELLO -> new HelloCommand();
            case STATS -> new StatsCommand();
            case LIST -> new ListCommand();
            case OPEN -> new OpenCommand();
            case CLOSE -> new CloseCommand();
            case READ -> new ReadCommand();
            case WRITE -> new WriteCommand();
            case BROWSE -> new BrowseCommand();
            case RESOLVE -> new ResolveCommand();
            case CALL -> new CallCommand();
            case METHODS -> new MethodsCommand();
            case TYPES -> new TypesCommand();
            case WATCH -> new WatchCommand();
            case EVENTS -> new EventsCommand();
            case SUBSCRIPTIONS -> new SubscriptionsCommand();
            case HISTORY -> new HistoryCommand();
            case ENDPOINTS -> new EndpointsCommand();
            case SERVERS -> new ServersCommand();
            case INFO -> new InfoCommand();
            case QUERY -> new QueryCommand();
            case TRUST_LIST -> new TrustListCommand();
            case TRUST_ADD -> new TrustChangeCommand(TrustChangeCommand.Action.ADD);
            case TRUST_APPROVE -> new TrustChangeCommand(TrustChangeCommand.Action.APPROVE);
            case TRUST_REMOVE -> new TrustChangeCommand(TrustChangeCommand.Action.REMOVE);
            case CERTIFICATE_SHOW -> new CertificateShowCommand();
            case POLICY_EXPLAIN -> new PolicyExplainCommand();
            case TOKEN_ADD -> new TokenAddCommand();
            case TOKEN_LIST -> new TokenListCommand();
            case TOKEN_REMOVE -> new TokenRemoveCommand();
            case COMPLETION -> new CompletionCommand();
            case SIMULATE -> new SimulateCommand();
            case DEMO -> new DemoCommand();
        };
    }
}
