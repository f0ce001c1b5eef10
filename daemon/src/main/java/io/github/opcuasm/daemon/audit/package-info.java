/** What was done to the plant and to the daemon, by whom, with what result: a file of its own, one JSON object a line. */
@NullMarked
package io.github.opcuasm.daemon.audit;

import org.jspecify.annotations.NullMarked;
