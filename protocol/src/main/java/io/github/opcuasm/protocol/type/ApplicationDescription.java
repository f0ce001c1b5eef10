package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One application that a server tells of (Part 4, 7.2): the result of {@code findServers}.
 *
 * @param applicationType 0 server, 1 client, 2 client and server, 3 discovery server
 * @param gatewayServerUri null unless it is reached through a gateway
 * @param discoveryUrls where its endpoints can be asked for
 */
public record ApplicationDescription(
        @Nullable String applicationUri,
        @Nullable String productUri,
        LocalizedText applicationName,
        int applicationType,
        @Nullable String gatewayServerUri,
        @Nullable String discoveryProfileUri,
        List<@Nullable String> discoveryUrls) {}
