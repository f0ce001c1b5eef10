package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import java.net.InetAddress;

/**
 * Which addresses a server may be reached at. It is asked about each address that a name resolved to, before each connect:
 * what a name means may change between two of them.
 */
public interface AddressFilter {
    /** Lets every address pass. */
    AddressFilter ALL = new AddressFilter() {
        @Override
        public void check(EndpointUrl url, InetAddress address) {}

        @Override
        public String key() {
            return "";
        }
    };

    /**
     * Passes, or says why not.
     *
     * @throws CommandException {@code access_denied} that names the rule
     */
    void check(EndpointUrl url, InetAddress address);

    /** Equal for filters that decide alike: only their users share sessions. */
    String key();
}
