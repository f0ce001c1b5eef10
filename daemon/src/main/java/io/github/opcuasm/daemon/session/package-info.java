/** Session handles, and the OPC UA sessions that they share: identity, reuse, holders, expiry. */
@NullMarked
package io.github.opcuasm.daemon.session;

import org.jspecify.annotations.NullMarked;
