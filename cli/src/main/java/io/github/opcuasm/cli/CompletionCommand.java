package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Prints the script with which a shell completes our command lines. The script asks {@link Completion} for what may come
 * next, so it fits every version of the program. Fish is told besides which options take files.
 */
final class CompletionCommand implements Command {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");
    private static final List<String> FILES = List.of("PATH", "DIR", "FILE");

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(0, "SHELL", "bash, zsh or fish"));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws IOException {
        String shell = given.matchedPositionalValue(0, "");
        if (!SHELLS.contains(shell)) {
            throw new UsageException(
                    "SHELL: got " + shell + NearestName.hint(shell, SHELLS, "expected " + String.join(", ", SHELLS)));
        }
        console.out().print(script(shell));
        if (shell.equals("fish")) {
            fileOptions().forEach(console.out()::println);
        }
        return ExitCode.OK;
    }

    private static String script(String shell) throws IOException {
        String name = "completion." + shell;
        try (InputStream stream = CompletionCommand.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException(name + " is missing in this installation");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> fileOptions() {
        return Completion.specifications().stream()
                .flatMap(spec -> spec.options().stream())
                .filter(option -> FILES.contains(option.paramLabel()))
                .map(OptionSpec::longestName)
                .distinct()
                .sorted()
                .map(name -> "complete -c " + Console.PROGRAM + " -l " + name.substring(2) + " -r -F")
                .toList();
    }

    /** The shells that there are scripts for. */
    static List<String> shells() {
        return SHELLS;
    }

    /** A specification that is only looked at. */
    static CommandSpec declared(Command command, String name) {
        CommandSpec spec = Syntax.specification(name);
        command.declare(spec);
        CommandLine unused = Syntax.parser(spec);
        return spec;
    }
}
