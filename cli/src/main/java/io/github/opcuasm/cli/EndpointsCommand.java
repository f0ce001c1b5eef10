package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Asks a server which endpoints it has: with what security, for which users. */
final class EndpointsCommand extends DiscoveryCommand {
    private static final List<String> MODES = List.of("Invalid", "None", "Sign", "SignAndEncrypt");
    private static final List<String> TOKEN_TYPES = List.of("anonymous", "user name", "certificate", "issued token");

    EndpointsCommand() {
        super("getEndpoints", "endpoints");
    }

    @Override
    void print(List<JsonValue.Obj> endpoints, Console console) {
        var table = new Table().cuttingAtBegin(0);
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
        table.print(console);
    }
}
