package io.github.opcuasm.client;

/**
 * What {@code open} gave.
 *
 * @param sessionId the handle, 32 hex digits
 * @param reused whether a session that was already open is used
 */
public record OpenedSession(String sessionId, boolean reused) {}
