package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.daemon.DaemonStartException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
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
        System.exit(run(args, Console.system()));
    }

    static int run(String[] args, Console console) {
        Optional<Subcommand> named = args.length == 0 ? Optional.empty() : Subcommand.named(args[0]);
        ExitCode code = named.isPresent()
                ? run(named.get(), Arrays.copyOfRange(args, 1, args.length), console)
                : run(new DaemonCommand(), CommandSpec.create().name(Console.PROGRAM), args, console);
        if (!console.flush() && code == ExitCode.OK) {
            return ExitCode.FAILURE.code();
        }
        return code.code();
    }

    private static ExitCode run(Subcommand subcommand, String[] args, Console console) {
        CommandSpec spec = CommandSpec.create().name(Console.PROGRAM + " " + subcommand.commandName());
        spec.usageMessage()
                .description(Character.toUpperCase(subcommand.summary().charAt(0))
                        + subcommand.summary().substring(1) + ".");
        return run(subcommand.create(), spec, args, console);
    }

    private static ExitCode run(Command command, CommandSpec spec, String[] args, Console console) {
        command.declare(spec);
        CommandLine parser = Syntax.parser(spec);
        boolean json = Arrays.asList(args).contains("--json") && spec.findOption("--json") != null;
        try {
            ParseResult given = parser.parseArgs(args);
            if (given.isUsageHelpRequested()) {
                console.out().print(parser.getUsageMessage(CommandLine.Help.Ansi.OFF));
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
        } catch (ClientException e) {
            Failure.of(e, console.environment()).print(json, console);
            return ExitCode.FAILURE;
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
