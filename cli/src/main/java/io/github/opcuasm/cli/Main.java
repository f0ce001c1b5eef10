package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.protocol.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The process {@code opcua-session-manager}: without a subcommand the daemon, with one mostly a client of it. */
public final class Main {
    private Main() {}

    /** Runs and ends the JVM with the exit code. */
    public static void main(String[] args) {
        ClassArchive.renew(args);
        System.exit(run(args, Console.system()));
    }

    static int run(String[] args, Console console) {
        if (args.length > 0 && args[0].equals(Completion.OPTION)) {
            Completion.print(Arrays.asList(args).subList(1, args.length), console);
            boolean unused = console.flush();
            return ExitCode.OK.code();
        }
        Optional<Subcommand> named = Subcommand.of(args);
        List<Subcommand> group = args.length == 0 || named.isPresent() ? List.of() : Subcommand.group(args[0]);
        ExitCode code = named.isPresent()
                ? run(named.get(), Arrays.copyOfRange(args, named.get().words(), args.length), console)
                : group.isEmpty()
                        ? run(new DaemonCommand(), "", Syntax.specification(Console.PROGRAM), args, console)
                        : choose(group, args, console);
        return console.flush() || code != ExitCode.OK
                ? code.code()
                : unwritten(console).code();
    }

    /** Somebody who has read enough, as {@code head} does, is no failure; a full disk is one. */
    private static ExitCode unwritten(Console console) {
        String reason = console.writeFailure();
        // The system says it in the user's language. Of a pipe nothing else can be wrong.
        if (PipeWatch.standardOutputIsPipe() || reason.toLowerCase(Locale.ROOT).contains("broken pipe")) {
            return ExitCode.READER_GONE;
        }
        console.complain("standard output: " + reason);
        return ExitCode.FAILURE;
    }

    /** The first word of some commands without the second of any. */
    private static ExitCode choose(List<Subcommand> group, String[] args, Console console) {
        String given = args.length == 1 ? "" : args[1];
        if (given.equals("--help") || given.equals("-h")) {
            Subcommand.lines(group).forEach(line -> console.out().println(line));
            return ExitCode.OK;
        }
        List<String> names = group.stream().map(Subcommand::commandName).toList();
        String expected = "expected one of " + String.join(", ", names);
        String message = given.isEmpty() || given.startsWith("-")
                ? args[0] + ": " + expected
                : "unknown command " + args[0] + " " + given + NearestName.hint(args[0] + " " + given, names, expected);
        return failed(ExitCode.USAGE, "usage", message, Arrays.asList(args).contains("--json"), console);
    }

    private static ExitCode run(Subcommand subcommand, String[] args, Console console) {
        CommandSpec spec = Syntax.specification(Console.PROGRAM + " " + subcommand.commandName());
        spec.usageMessage()
                .description(Character.toUpperCase(subcommand.summary().charAt(0))
                        + subcommand.summary().substring(1) + ".");
        return run(subcommand.create(), subcommand.action(), spec, args, console);
    }

    private static ExitCode run(Command command, String action, CommandSpec spec, String[] args, Console console) {
        command.declare(spec);
        CommandLine parser = Syntax.parser(spec);
        boolean json = Arrays.asList(args).contains("--json") && spec.findOption("--json") != null;
        try {
            ParseResult given = parser.parseArgs(Syntax.marked(args));
            if (given.isUsageHelpRequested()) {
                console.out()
                        .print(Syntax.help(
                                parser, Math.max(20, Style.of(console).width())));
                List<Subcommand> group =
                        Subcommand.group(spec.name().substring(spec.name().lastIndexOf(' ') + 1));
                if (!group.isEmpty()) {
                    console.out().println();
                    Subcommand.lines(group).forEach(line -> console.out().println(line));
                }
                return ExitCode.OK;
            }
            if (given.isVersionHelpRequested()) {
                console.out().println(Console.PROGRAM + " " + version());
                return ExitCode.OK;
            }
            return command.run(given, console);
        } catch (CommandLine.ParameterException e) {
            return failed(ExitCode.USAGE, "usage", Syntax.complaint(e), json, console);
        } catch (UsageException e) {
            return failed(ExitCode.USAGE, "usage", String.valueOf(e.getMessage()), json, console);
        } catch (AdvisedException e) {
            Failure.of(e, action, console.environment()).print(json, console);
            return ExitCode.FAILURE;
        } catch (ClientException e) {
            Failure.of(e, action, console.environment()).print(json, console);
            return ExitCode.FAILURE;
        } catch (TransferException e) {
            return failed(ExitCode.FAILURE, "transfer", String.valueOf(e.getMessage()), json, console);
        } catch (ConfigurationException | DaemonStartException e) {
            return failed(ExitCode.FAILURE, "start", String.valueOf(e.getMessage()), json, console);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(ExitCode.FAILURE, "interrupted", "interrupted", json, console);
        } catch (UncheckedIOException e) {
            return failed(ExitCode.FAILURE, "io", String.valueOf(e.getMessage()), json, console);
        } catch (Exception e) {
            return failed(ExitCode.FAILURE, "internal_error", "a defect of ours: " + e, json, console);
        }
    }

    private static ExitCode failed(ExitCode code, String type, String message, boolean json, Console console) {
        new Failure(type, message, null, null).print(json, console);
        return code;
    }

    /** The version that Maven wrote beside this class. */
    static String version() {
        var properties = new Properties();
        try (InputStream stream = Main.class.getResourceAsStream("version.properties")) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
