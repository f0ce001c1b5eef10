package io.github.opcuasm.daemon.opcua;

/**
 * Sessions of the same scope see the same server in the same way, and believe it for the same reasons. Holds no secrets.
 *
 * @param server {@code host:port}
 * @param userKind with the name it tells users apart
 */
public record SessionScope(String server, SecurityProfile profile, String userKind, String userName) {}
