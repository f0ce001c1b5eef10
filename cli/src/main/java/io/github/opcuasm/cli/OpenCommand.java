package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.OpenedSession;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Opens a session and prints its id, or that of one which is open already. */
final class OpenCommand implements Command {
    private static final String FORCE_NEW = "--force-new";

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                0, "URL", "the server: opc.tcp://host:port/path, or the name of a connection that the daemon has"));
        SessionConfig.declare(spec);
        spec.addOption(Syntax.flag("open one of its own, whatever is open", FORCE_NEW));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String server = Target.checkServer(given, "URL");
        boolean forceNew = given.hasMatchedOption(FORCE_NEW);
        Map<String, JsonValue> config = SessionConfig.of(given, console);
        try (DaemonClient client = access.connect()) {
            OpenedSession session = Target.isUrl(server)
                    ? client.open(server, config, forceNew)
                    : client.openConnection(server, forceNew);
            if (access.json()) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("sessionId", session.sessionId());
                line.put("reused", session.reused());
                console.out().println(Json.text(Json.of(line)));
            } else {
                console.out().println(session.sessionId() + (session.reused() ? "  reused" : "  opened"));
            }
        }
        return ExitCode.OK;
    }
}
