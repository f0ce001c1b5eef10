/** Subscriptions of the configuration: made, consumed into sinks and listeners, and made again. */
@NullMarked
package io.github.opcuasm.daemon.publish;

import org.jspecify.annotations.NullMarked;
