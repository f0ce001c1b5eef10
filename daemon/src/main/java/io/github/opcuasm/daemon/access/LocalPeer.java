package io.github.opcuasm.daemon.access;

import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection, as the system tells.
 *
 * @param user the name of the process's user; null over TCP
 * @param group the name of the process's primary group; null over TCP
 * @param readOnly whether it came on the read-only socket
 */
public record LocalPeer(@Nullable String user, @Nullable String group, boolean readOnly) {}
