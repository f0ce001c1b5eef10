/** The one JSON codec of the wire: strict reading of frames, sliced writing of answers, both for the value types. */
@NullMarked
package io.github.opcuasm.protocol.json;

import org.jspecify.annotations.NullMarked;
