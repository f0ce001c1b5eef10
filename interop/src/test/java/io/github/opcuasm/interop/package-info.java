/** Tests of the daemon against OPC UA servers that we did not write, spoken to as a script would: JSON lines. */
@NullMarked
package io.github.opcuasm.interop;

import org.jspecify.annotations.NullMarked;
