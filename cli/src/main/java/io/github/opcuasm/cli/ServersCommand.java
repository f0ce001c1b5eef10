package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Asks a server, mostly a discovery server, which servers it knows of (Part 4, 5.5.2). */
final class ServersCommand extends DiscoveryCommand {
    private static final List<String> TYPES = List.of("server", "client", "client and server", "discovery server");

    ServersCommand() {
        super("findServers", "servers");
    }

    @Override
    void print(List<JsonValue.Obj> servers, Console console) {
        if (servers.isEmpty()) {
            console.out().println("It knows of no server.");
            return;
        }
        var table = new Table("NAME", "TYPE", "APPLICATION URI", "URLS").cuttingAtBegin(2, 3);
        for (JsonValue.Obj server : servers) {
            List<String> urls = new ArrayList<>();
            List<JsonValue> given =
                    server.get("discoveryUrls") instanceof JsonValue.Arr array ? array.elements() : List.of();
            given.forEach(url -> urls.add(Shown.plain(url)));
            table.row(
                    Shown.plain(DataTypes.object(server.get("applicationName")).get("text")),
                    named(TYPES, server.get("applicationType")),
                    Shown.plain(server.get("applicationUri")),
                    String.join(", ", urls));
        }
        table.print(console);
    }
}
