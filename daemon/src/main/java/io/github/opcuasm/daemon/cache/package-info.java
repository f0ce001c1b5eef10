/** What servers say that rarely changes, remembered for a while: in memory, or in files that outlast the daemon. */
@NullMarked
package io.github.opcuasm.daemon.cache;

import org.jspecify.annotations.NullMarked;
