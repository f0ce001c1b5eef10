package io.github.opcuasm.daemon.aggregate;

/**
 * An end of an interval among the samples.
 *
 * @param time ticks
 * @param from index of the first sample that is not before it
 * @param to index of the first sample behind it: those from {@code from} to here lie on it
 */
record Edge(long time, int from, int to) {}
