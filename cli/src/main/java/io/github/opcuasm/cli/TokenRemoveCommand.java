package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Takes a token out of the tokens file. */
final class TokenRemoveCommand implements Command {
    private static final String JSON = "--json";

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(0, "NAME", "as token list shows it"));
        TokensFileOption.declare(spec);
        spec.addOption(Syntax.flag("print JSON, errors too", JSON));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        String name = given.matchedPositionalValue(0, "");
        boolean unused = TokensFileOption.with(given, console, file -> {
            file.remove(name);
            return true;
        });
        console.out()
                .println(
                        given.hasMatchedOption(JSON)
                                ? Json.text(Json.of(Map.of("removed", name)))
                                : name + "  removed");
        TokensFileOption.remind(console);
        return ExitCode.OK;
    }
}
