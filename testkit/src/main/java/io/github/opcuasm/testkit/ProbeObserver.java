package io.github.opcuasm.testkit;

import java.util.ServiceLoader;

/**
 * Sees what every {@link IpcProbe} of this JVM sends and receives, so that tests can check all traffic and not only what each
 * of them looks at. Implementations are found by {@link ServiceLoader}; without any, probes are as fast as ever.
 */
public interface ProbeObserver {
    /** A probe has connected. Called before anything is sent; may be called by several threads. */
    Conversation connected();

    /** What one probe says and hears: by one thread at a time, in its order. */
    interface Conversation {
        /** Bytes are about to be sent: any part of a frame, or several. */
        void sent(byte[] bytes);

        /**
         * A line came.
         *
         * @param line without its newline
         * @throws AssertionError if the test has to fail
         */
        void received(String line);
    }
}
