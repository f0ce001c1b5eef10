package io.github.opcuasm.daemon.opcua;

import java.time.Duration;

/**
 * What a channel is opened with.
 *
 * @param endpoint host and port to connect to
 * @param helloUrl the endpoint's URL as the server is told it (Part 6, 7.1.2.3)
 * @param stepTimeout bound on each step: resolving, connecting, Hello, OpenSecureChannel
 * @param addresses where it may connect to
 */
record ChannelSettings(
        EndpointUrl endpoint,
        String helloUrl,
        Duration stepTimeout,
        AddressFilter addresses,
        ChannelSecurity security) {

    /** Without security. */
    static ChannelSettings plain(EndpointUrl endpoint, Duration stepTimeout, AddressFilter addresses) {
        return new ChannelSettings(endpoint, endpoint.text(), stepTimeout, addresses, ChannelSecurity.NONE);
    }
}
