package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.access.TokensFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** No subcommand: the daemon, in the foreground until it is told to end. */
final class DaemonCommand implements Command {
    private static final String CONFIG = "--config";
    private static final String CHECK_CONFIG = "--check-config";

    @Override
    public void declare(CommandSpec spec) {
        for (DaemonOption option : DaemonOption.values()) {
            String name = "--" + option.longName();
            spec.addOption(
                    switch (option.shape()) {
                        case FLAG -> Syntax.flag(option.description(), name);
                        case ONE -> Syntax.value(option.label(), option.description(), name);
                        case MANY -> Syntax.values(option.label(), option.description(), name);
                    });
        }
        spec.addOption(
                Syntax.value("FILE", "YAML with options by their long names; the command line beats it", CONFIG));
        spec.addOption(Syntax.flag("check all options and the file, say what holds, and end", CHECK_CONFIG));
        spec.addOption(OptionSpec.builder("-v", "--version")
                .versionHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("show the version and end")
                .build());
        spec.usageMessage()
                .customSynopsis(
                        Console.PROGRAM + " [OPTIONS]          the daemon, until Ctrl-C or SIGTERM",
                        "       " + Console.PROGRAM + " COMMAND [--help]   a client of it")
                .description("%nHolds OPC UA sessions for short-lived programs.%n");
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
        List<String> footer = new ArrayList<>();
        footer.add("");
        footer.add("Commands:");
        footer.addAll(Subcommand.lines(List.of(Subcommand.values())));
        footer.add("");
        footer.add("Environment: " + TokenSource.ENVIRONMENT + " (the token), " + Endpoints.ENVIRONMENT
                + " (instead of --socket).");
        footer.addAll(List.of(spec.usageMessage().footer()));
        spec.usageMessage().footer(footer.toArray(new String[0]));
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws Exception {
        String file = given.matchedOptionValue(CONFIG, (String) null);
        DaemonSettings settings =
                DaemonSettings.of(commandLine(given), file == null ? null : Path.of(file), console.environment());
        if (given.hasMatchedOption(CHECK_CONFIG)) {
            print(settings, tokenWarnings(settings), console);
            return ExitCode.OK;
        }
        LogOutput log = LogOutput.install(settings.log());
        var logger = LoggerFactory.getLogger(DaemonCommand.class);
        settings.warnings().forEach(logger::warn);
        try (var daemon = new SessionManagerDaemon(settings.config())) {
            daemon.run(log::reopen);
        }
        return ExitCode.OK;
    }

    private static Map<DaemonOption, Setting> commandLine(ParseResult given) {
        Map<DaemonOption, Setting> settings = new EnumMap<>(DaemonOption.class);
        for (DaemonOption option : DaemonOption.values()) {
            String name = "--" + option.longName();
            if (given.hasMatchedOption(name)) {
                List<String> values = switch (option.shape()) {
                    case FLAG -> List.of("true");
                    case ONE -> List.of(given.matchedOptionValue(name, ""));
                    case MANY -> given.matchedOptionValue(name, List.of());
                };
                settings.put(option, new Setting(option, values, new Setting.Origin.CommandLine()));
            }
        }
        return settings;
    }

    /** The daemon itself reads the tokens file when it starts; a check does it in its stead. */
    private static List<String> tokenWarnings(DaemonSettings settings) {
        Path file = settings.config().tokensFile();
        try {
            return file == null ? List.of() : new TokensFile(file).read().warnings();
        } catch (TokensFileException e) {
            throw new ConfigurationException(e.messageText());
        }
    }

    private static void print(DaemonSettings settings, List<String> more, Console console) {
        var table = new Table().keepingAll();
        for (Setting setting : settings.effective().values()) {
            String value = setting.option().isSecret() ? "(set)" : String.join(", ", setting.written());
            table.row(setting.option().longName(), value, origin(setting));
        }
        settings.config().budgets().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(budget -> table.row("budget", budget.getKey() + ": " + budget.getValue(), ""));
        for (ConnectionsSection.Configured configured : settings.connections()) {
            NamedConnection connection = configured.connection();
            table.row(
                    "connection",
                    connection.name() + "  " + configured.endpoint(),
                    connection.autoConnect() ? "(auto-connect)" : "");
        }
        table.print(console);
        Stream.of(settings.warnings(), more)
                .flatMap(List::stream)
                .forEach(warning -> console.out().println("warning: " + warning));
        console.out().println("The configuration is valid; everything else has its default.");
    }

    private static String origin(Setting setting) {
        String name = setting.origin().name(setting.option());
        return setting.origin() instanceof Setting.Origin.Default ? "(default)" : "(" + name + ")";
    }
}
