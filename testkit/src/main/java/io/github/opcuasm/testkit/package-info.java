/**
 * Tests against a daemon, and what they need around it.
 *
 * <ul>
 *   <li>{@link io.github.opcuasm.testkit.DaemonExtension}: a JUnit 5 extension with a daemon and a simulated server in the
 *       test's own JVM, and everything that can go wrong between them as a call. docs/embedding.md has an example that runs.
 *   <li>{@link io.github.opcuasm.testkit.DaemonProcess}: a daemon as a process of its own, for what only a process can show.
 *   <li>{@link io.github.opcuasm.testkit.IpcProbe}: a raw connection, for what no client would send.
 * </ul>
 */
@NullMarked
package io.github.opcuasm.testkit;

import org.jspecify.annotations.NullMarked;
