/** What is remembered beyond the daemon's end: sealed records in files, written by a thread of their own. */
@NullMarked
package io.github.opcuasm.daemon.state;

import org.jspecify.annotations.NullMarked;
