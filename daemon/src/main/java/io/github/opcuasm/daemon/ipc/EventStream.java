package io.github.opcuasm.daemon.ipc;

/** The way from an {@link EventSource} to its peer. Safe to use from any thread. */
@FunctionalInterface
public interface EventStream {
    /** Says that the source has an event; costs next to nothing while that was said and not looked at yet. */
    void ready();
}
