package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command that administers the daemon: one request, whose answer is shown as it is or as people read it. */
abstract class AdminCommand implements Command {

    /** Adds the command's own arguments and options. */
    abstract void declareOwn(CommandSpec spec);

    /** What is sent, made before anything is connected. */
    abstract Request request(ParseResult given);

    /** Shows the answer to people; what it is worth as an exit code is {@link #exitCode}'s business. */
    abstract void print(JsonValue.Obj answer, ParseResult given, Console console);

    /** Done, unless the answer says otherwise. */
    ExitCode exitCode(JsonValue.Obj answer) {
        return ExitCode.OK;
    }

    /** A command of the daemon with its members; null ones are left out. */
    record Request(String command, Map<String, ? extends @Nullable Object> members) {}

    @Override
    public final void declare(CommandSpec spec) {
        declareOwn(spec);
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public final ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        Request request = request(given);
        try (DaemonClient client = access.connect()) {
            JsonValue data = client.administer(request.command(), request.members());
            JsonValue.Obj answer = data instanceof JsonValue.Obj object ? object : JsonValue.Obj.EMPTY;
            if (access.json()) {
                console.out().println(Json.text(data));
            } else {
                print(answer, given, console);
            }
            return exitCode(answer);
        }
    }
}
