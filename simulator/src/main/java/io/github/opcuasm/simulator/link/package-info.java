/**
 * A TCP link between a client and a server that breaks on demand: {@link io.github.opcuasm.simulator.link.FaultyLink}.
 *
 * <p>It knows of OPC UA no more than the header that every message chunk begins with (Part 6, 7.1.2), so it stands before
 * any server, secured or not, simulated or real.
 */
@NullMarked
package io.github.opcuasm.simulator.link;

import org.jspecify.annotations.NullMarked;
