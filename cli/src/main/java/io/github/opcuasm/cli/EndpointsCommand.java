package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Asks a server what it offers; needs no session, so it works whatever security the server demands. */
final class EndpointsCommand implements Command {
    private static final List<String> MODES = List.of("Invalid", "None", "Sign", "SignAndEncrypt");
    private static final List<String> TOKEN_TYPES = List.of("anonymous", "user name", "certificate", "issued token");

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                0, "URL", "the server: opc.tcp://host:port/path, or the name of a connection that the daemon has"));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String server = Target.checkServer(given, "URL");
        try (DaemonClient client = access.connect()) {
            JsonValue endpoints = Target.isUrl(server) ? client.endpoints(server) : client.endpointsOf(server);
            if (access.json()) {
                console.out().println(Json.text(Json.of(Map.of("target", server, "endpoints", endpoints))));
            } else {
                print(Shown.objects(endpoints), console);
            }
        }
        return ExitCode.OK;
    }

    private static void print(List<JsonValue.Obj> endpoints, Console console) {
        var table = new Table();
        for (JsonValue.Obj endpoint : endpoints) {
            List<String> tokens = new ArrayList<>();
            for (JsonValue.Obj token : Shown.objects(endpoint.get("userIdentityTokens"))) {
                tokens.add(named(TOKEN_TYPES, token.get("tokenType")));
            }
            String policy = Shown.plain(endpoint.get("securityPolicyUri"));
            table.row(
                    Shown.plain(endpoint.get("endpointUrl")),
                    policy.substring(policy.indexOf('#') + 1),
                    named(MODES, endpoint.get("securityMode")),
                    "level " + Shown.plain(endpoint.get("securityLevel")),
                    String.join(", ", tokens));
        }
        table.print(console.out());
    }

    private static String named(List<String> names, @Nullable JsonValue number) {
        int index = number instanceof JsonValue.Num given && given.whole() != null
                ? given.decimal().intValue()
                : -1;
        return index >= 0 && index < names.size() ? names.get(index) : String.valueOf(index);
    }
}
