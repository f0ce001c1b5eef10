/** OPC UA's value types (Part 3, Part 4, Part 6), as plain immutable records named as there. */
@NullMarked
package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.NullMarked;
