/** PID lock, socket files and signals: what a daemon needs from the operating system. */
@NullMarked
package io.github.opcuasm.daemon.lifecycle;

import org.jspecify.annotations.NullMarked;
