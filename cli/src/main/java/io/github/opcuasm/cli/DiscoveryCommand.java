package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A question to a server that needs no session, so it is answered whatever security the server demands. */
abstract class DiscoveryCommand implements Command {
    private final String method;
    private final String member;

    /**
     * @param method of the protocol
     * @param member what {@code --json} calls its answer
     */
    DiscoveryCommand(String method, String member) {
        this.method = method;
        this.member = member;
    }

    abstract void print(List<JsonValue.Obj> answer, Console console);

    @Override
    public final void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                0, "URL", "the server: opc.tcp://host:port/path, or the name of a connection that the daemon has"));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public final ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String server = Target.checkServer(given, "URL");
        boolean isUrl = Target.isUrl(server);
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put(isUrl ? "endpointUrl" : "connection", Json.of(server));
        members.put("method", Json.of(method));
        members.put("params", Json.of(isUrl ? List.of(server) : List.of()));
        try (DaemonClient client = access.connect()) {
            JsonValue answer = client.command("query", members, true);
            if (access.json()) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("target", server);
                line.put(member, answer);
                console.out().println(Json.text(Json.of(line)));
            } else {
                print(Shown.objects(answer), console);
            }
        }
        return ExitCode.OK;
    }

    /** The name that a number stands for; the number itself if there is none. */
    static String named(List<String> names, @Nullable JsonValue number) {
        int index = number instanceof JsonValue.Num given && given.whole() != null
                ? given.decimal().intValue()
                : -1;
        return index >= 0 && index < names.size() ? names.get(index) : Shown.plain(number);
    }
}
