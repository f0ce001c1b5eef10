package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.DiscoveryService;

/** The methods of the Discovery service set. */
final class DiscoveryMethods {
    private final DiscoveryService discovery;
    private final CachedAnswers answers;

    DiscoveryMethods(DiscoveryService discovery, CachedAnswers answers) {
        this.discovery = discovery;
        this.answers = answers;
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
    }
}
