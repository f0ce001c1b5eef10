package io.github.opcuasm.daemon;

/**
 * The monotonic clock behind every duration and deadline, in nanoseconds with an arbitrary origin. Injected, so that
 * tests control it; a stepped wall clock never fires a deadline.
 */
@FunctionalInterface
public interface Ticker {
    Ticker SYSTEM = System::nanoTime;

    long read();
}
