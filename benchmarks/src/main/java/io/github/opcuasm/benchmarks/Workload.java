package io.github.opcuasm.benchmarks;

import java.util.concurrent.Callable;

/**
 * What is measured: so many callers at a time, each in a closed loop.
 *
 * @param kind groups the workloads that differ in the number of callers only
 * @param newCaller makes one caller, ready to call
 */
record Workload(Kind kind, int clients, Callable<Caller> newCaller) {
    /** A row's name in the table. */
    enum Kind {
        DIRECT_READ("direct Milo read"),
        KEPT_READ("read, kept connection"),
        SINGLE_READ("read, connection each"),
        KEPT_PING("ping, kept connection"),
        SINGLE_PING("ping, connection each");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }
}
