package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DateTime;

/**
 * A stretch of time, by the server's clock, of which values or events may be missing.
 *
 * @param from until then everything that the server had was told
 * @param to from then on everything is told again
 * @param reason for people
 */
public record Gap(DateTime from, DateTime to, String reason) {}
