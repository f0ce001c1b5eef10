package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.service.DiscoveryService;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The methods of the Discovery service set. */
final class DiscoveryMethods {
    private static final String FIND_SERVERS = "findServers";

    /** They need no session: a server that is named beside one of them is asked without. */
    static final Set<String> NAMES = Set.of("getEndpoints", FIND_SERVERS);

    private final DiscoveryService discovery;
    private final CachedAnswers answers;

    DiscoveryMethods(DiscoveryService discovery, CachedAnswers answers) {
        this.discovery = discovery;
        this.answers = answers;
    }

    /**
     * Asks a server without a session.
     *
     * @param method one of {@link #NAMES}
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     */
    CompletableFuture<? extends List<?>> ask(String method, String url, long deadline, AddressFilter addresses) {
        return method.equals(FIND_SERVERS)
                ? discovery.findServers(url, deadline, addresses)
                : discovery.getEndpoints(url, deadline, addresses);
    }

    void addTo(MethodTable.Rows rows) {
        rows.connecting("getEndpoints", Targets.server(0, "url"), (context, p) -> {
            String url = p.get(0, "url").text();
            return answers.get(
                    context,
                    null,
                    "getEndpoints " + url + "\n" + context.addresses().key(),
                    CachedAnswers.ENDPOINTS,
                    p.get(1, "useCache").flag(true),
                    () -> discovery.getEndpoints(context, url));
        });
        rows.asking(
                FIND_SERVERS,
                Targets.server(0, "url"),
                (context, p) -> discovery.findServers(context, p.get(0, "url").text()));
    }
}
