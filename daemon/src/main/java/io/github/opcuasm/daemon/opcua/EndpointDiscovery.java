package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.ApplicationDescription;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.FindServersRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.FindServersResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsResponse;
import org.jspecify.annotations.Nullable;

/**
 * What servers tell without a session: their endpoints (GetEndpoints; Part 4, 5.5.4), and the servers that they know of
 * (FindServers; Part 4, 5.5.2). How they are asked, and by how many at a time: {@link DiscoveryAttempts}. Thread-safe.
 */
public final class EndpointDiscovery {
    static final int MAX_ATTEMPTS = DiscoveryAttempts.MAX_ATTEMPTS;

    private final DiscoveryAttempts<EndpointDescription> endpoints;
    private final DiscoveryAttempts<ApplicationDescription> servers;

    public EndpointDiscovery(OpcUaTransport transport) {
        this.endpoints = new DiscoveryAttempts<>(transport, EndpointDiscovery::getEndpoints);
        this.servers = new DiscoveryAttempts<>(transport, EndpointDiscovery::findServers);
    }

    /**
     * The endpoints as the protocol has them, in the server's order.
     *
     * @param deadline the ticker's nanoseconds
     * @param addresses where the server may be looked for
     * @return fails with {@code ConnectionException} if there is no answer in time, {@code ServiceException} if the server
     *     refuses, {@code access_denied} if it may not be asked, {@code overloaded} if too many servers are being asked
     */
    public CompletableFuture<List<io.github.opcuasm.protocol.type.EndpointDescription>> endpoints(
            EndpointUrl url, long deadline, AddressFilter addresses) {
        return discover(url, deadline, addresses).thenApply(EndpointMapping::toWire);
    }

    /** As {@link #endpoints}, as the server sent them. */
    CompletableFuture<List<EndpointDescription>> discover(EndpointUrl url, long deadline, AddressFilter addresses) {
        return endpoints.discover(url, deadline, addresses);
    }

    /**
     * The servers that the one at this URL knows of, itself included, in its order: a discovery server knows all that
     * registered with it. Where they are is what it says: nothing is connected to for that. Fails as {@link #endpoints}.
     */
    public CompletableFuture<List<ApplicationDescription>> servers(
            EndpointUrl url, long deadline, AddressFilter addresses) {
        return servers.discover(url, deadline, addresses);
    }

    private static CompletableFuture<List<EndpointDescription>> getEndpoints(
            ChannelCalls calls, UascChannel channel, EndpointUrl url) {
        return calls.call(
                        channel,
                        NodeId.NULL_VALUE,
                        GetEndpointsResponse.class,
                        header -> new GetEndpointsRequest(header, url.text(), new String[0], new String[0]))
                .thenApply(response -> present(response.getEndpoints()));
    }

    private static CompletableFuture<List<ApplicationDescription>> findServers(
            ChannelCalls calls, UascChannel channel, EndpointUrl url) {
        return calls.call(
                        channel,
                        NodeId.NULL_VALUE,
                        FindServersResponse.class,
                        header -> new FindServersRequest(header, url.text(), new String[0], new String[0]))
                .thenApply(response -> present(response.getServers()).stream()
                        .map(EndpointMapping::toWire)
                        .toList());
    }

    private static <T> List<T> present(@Nullable T @Nullable [] elements) {
        return elements == null
                ? List.of()
                : Arrays.stream(elements).filter(Objects::nonNull).toList();
    }
}
