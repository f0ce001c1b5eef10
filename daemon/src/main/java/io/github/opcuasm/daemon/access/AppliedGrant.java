package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.policy.Grant;

/**
 * A grant that holds for a principal.
 *
 * @param source what gives it, as refusals and explanations call it: {@code rule operators}, {@code token hmi}
 */
record AppliedGrant(String source, Grant grant) {}
