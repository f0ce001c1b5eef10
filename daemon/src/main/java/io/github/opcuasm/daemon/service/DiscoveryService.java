package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointDiscovery;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.EndpointDescription;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** GetEndpoints and FindServers (Part 4, 5.5.4 and 5.5.2). */
public final class DiscoveryService {
    private final EndpointDiscovery discovery;

    public DiscoveryService(EndpointDiscovery discovery) {
        this.discovery = discovery;
    }

    /**
     * Asks the server at this URL, which need not be the session's, on a channel of its own; bounded by the handle's
     * {@code opcuaTimeout}. The state of the session does not matter.
     *
     * @param url {@code opc.tcp://host[:port][/path]}
     * @throws io.github.opcuasm.protocol.CommandException {@code ConfigurationException} for any other text
     */
    public CompletableFuture<List<EndpointDescription>> getEndpoints(CallContext context, String url) {
        return getEndpoints(url, context.nextDeadline(), context.addresses());
    }

    /**
     * As {@link #getEndpoints(CallContext, String)}, for somebody without a session.
     *
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     */
    public CompletableFuture<List<EndpointDescription>> getEndpoints(
            String url, long deadline, AddressFilter addresses) {
        return discovery.endpoints(EndpointUrl.parse(url), deadline, addresses);
    }

    /** The servers that the one at this URL knows of; asked as {@link #getEndpoints(CallContext, String)} asks. */
    public CompletableFuture<List<ApplicationDescription>> findServers(CallContext context, String url) {
        return findServers(url, context.nextDeadline(), context.addresses());
    }

    /**
     * As {@link #findServers(CallContext, String)}, for somebody without a session.
     *
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     */
    public CompletableFuture<List<ApplicationDescription>> findServers(
            String url, long deadline, AddressFilter addresses) {
        return discovery.servers(EndpointUrl.parse(url), deadline, addresses);
    }
}
