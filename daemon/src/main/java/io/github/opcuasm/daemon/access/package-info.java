/**
 * Who the local peers are and what they may do: tokens, users of the machine, the rules of the configuration. Decides, and
 * says why; enforcing it is the commands' business.
 */
@NullMarked
package io.github.opcuasm.daemon.access;

import org.jspecify.annotations.NullMarked;
