package io.github.opcuasm.daemon.opcua;

/**
 * Sessions of the same scope see the same server in the same way, and believe it for the same reasons. Holds no secrets.
 *
 * @param server {@code host:port}
 * @param userKind with the name it tells users apart
 * @param serverFingerprint of the certificate that proved who the server is; empty without security
 */
public record SessionScope(
        String server, SecurityProfile profile, String userKind, String userName, String serverFingerprint) {}
