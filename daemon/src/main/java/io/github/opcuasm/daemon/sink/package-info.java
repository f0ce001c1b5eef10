/** What configured subscriptions bring, as lines of JSON in files and named pipes. */
@NullMarked
package io.github.opcuasm.daemon.sink;

import org.jspecify.annotations.NullMarked;
