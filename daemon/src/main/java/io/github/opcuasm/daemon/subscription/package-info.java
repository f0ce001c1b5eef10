/** Who owns which subscription, the Publish requests at the server, and the messages that wait for their readers. */
@NullMarked
package io.github.opcuasm.daemon.subscription;

import org.jspecify.annotations.NullMarked;
