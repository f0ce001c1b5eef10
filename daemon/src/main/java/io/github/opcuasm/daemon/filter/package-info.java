/** Which changes and events are asked for: filters as text and values, and as the server takes them (Part 4, 7.22). */
@NullMarked
package io.github.opcuasm.daemon.filter;

import org.jspecify.annotations.NullMarked;
