/** The clients in other languages, run as the programs that they are against the real daemon and a simulator. */
@NullMarked
package io.github.opcuasm.clients;

import org.jspecify.annotations.NullMarked;
