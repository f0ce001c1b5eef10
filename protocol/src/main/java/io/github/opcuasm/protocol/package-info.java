/** What crosses the wire between a local process and the daemon: requests, responses, errors, endpoints. */
@NullMarked
package io.github.opcuasm.protocol;

import org.jspecify.annotations.NullMarked;
