/** The OPC UA session on the wire; the only user of Milo's transport. */
@NullMarked
package io.github.opcuasm.daemon.opcua;

import org.jspecify.annotations.NullMarked;
