package io.github.opcuasm.daemon.cache;

/**
 * Names one remembered answer.
 *
 * @param scope the server and the identity that asked, without secrets: nobody sees what another was shown
 * @param node what the answer is about, as text; empty if it is about no node
 * @param question the method with all its parameters, as text
 */
public record CacheKey(String scope, String node, String question) {}
