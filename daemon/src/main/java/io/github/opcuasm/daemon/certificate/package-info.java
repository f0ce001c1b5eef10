/**
 * Certificates and private keys: our own, those that callers name by files, and which of the servers' are trusted. Knows
 * nothing of channels and sessions; does its I/O and its RSA on the executors that it is given.
 */
@NullMarked
package io.github.opcuasm.daemon.certificate;

import org.jspecify.annotations.NullMarked;
