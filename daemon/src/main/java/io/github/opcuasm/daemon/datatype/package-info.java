/** The data types of servers: what they look like, and structures decoded and encoded by that (Part 3, 8.48; Part 6, 5.2.6). */
@NullMarked
package io.github.opcuasm.daemon.datatype;

import org.jspecify.annotations.NullMarked;
