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
    HISTORY("read what a variable was, or which events there were"),
    HISTORY_INSERT("add values to a variable's history where it has none"),
    HISTORY_REPLACE("change values in a variable's history"),
    HISTORY_UPDATE("add values to a variable's history, or change them"),
    HISTORY_DELETE("delete values or events from a history"),
    NODE_ADD("add a node to a server"),
    NODE_DELETE("delete nodes from a server"),
    REFERENCE_ADD("add a reference between two nodes"),
    REFERENCE_DELETE("delete a reference between two nodes"),
    FILE_LS("show the files in a directory of a server, or what a file is"),
    FILE_GET("copy a file from a server"),
    FILE_PUT("copy a file to a server"),
    FILE_RM("delete files and directories of a server"),
    FILE_MKDIR("make a directory on a server"),
    FILE_MV("move or rename a file or a directory within a server"),
    FILE_CP("copy a file or a directory within a server"),
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

    /** The subcommand that a command line begins with: two words, else one. */
    static Optional<Subcommand> of(String... args) {
        Optional<Subcommand> two = args.length < 2 ? Optional.empty() : named(args[0] + " " + args[1]);
        return two.isPresent() || args.length == 0 ? two : named(args[0]);
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
            case HISTORY_INSERT -> "historyInsertData";
            case HISTORY_REPLACE -> "historyReplaceData";
            case HISTORY_UPDATE -> "historyUpdateData";
            case HISTORY_DELETE -> "historyDeleteRawModified";
            case NODE_ADD -> "addNodes";
            case NODE_DELETE -> "deleteNodes";
            case REFERENCE_ADD -> "addReferences";
            case REFERENCE_DELETE -> "deleteReferences";
            case FILE_LS -> "browse";
            case FILE_GET -> "openFile";
            case FILE_PUT -> "writeFile";
            case FILE_RM -> "deleteFileSystemObject";
            case FILE_MKDIR -> "createDirectory";
            case FILE_MV, FILE_CP -> "moveOrCopyFileSystemObject";
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
            case HISTORY_INSERT -> new HistoryChangeCommand("historyInsertData");
            case HISTORY_REPLACE -> new HistoryChangeCommand("historyReplaceData");
            case HISTORY_UPDATE -> new HistoryChangeCommand("historyUpdateData");
            case HISTORY_DELETE -> new HistoryDeleteCommand();
            case NODE_ADD -> new NodeAddCommand();
            case NODE_DELETE -> new NodeDeleteCommand();
            case REFERENCE_ADD -> new ReferenceChangeCommand(true);
            case REFERENCE_DELETE -> new ReferenceChangeCommand(false);
            case FILE_LS -> new FileListCommand();
            case FILE_GET -> new FileGetCommand();
            case FILE_PUT -> new FilePutCommand();
            case FILE_RM -> new FileRemoveCommand();
            case FILE_MKDIR -> new FileMakeDirectoryCommand();
            case FILE_MV -> new FileMoveCommand(false);
            case FILE_CP -> new FileMoveCommand(true);
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
