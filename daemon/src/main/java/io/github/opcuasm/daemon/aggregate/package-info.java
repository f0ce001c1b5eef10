/**
 * The aggregates of Part 13, computed from raw values: no server, no network, no clock. {@link
 * io.github.opcuasm.daemon.aggregate.Aggregator} is the way in; docs/aggregates.md has the rules.
 */
@NullMarked
package io.github.opcuasm.daemon.aggregate;

import org.jspecify.annotations.NullMarked;
