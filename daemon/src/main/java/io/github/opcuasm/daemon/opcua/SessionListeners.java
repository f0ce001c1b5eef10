package io.github.opcuasm.daemon.opcua;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who follow the fate of one session. Confined to its event loop. */
final class SessionListeners {
    private static final Logger LOG = LoggerFactory.getLogger(SessionListeners.class);

    private final String server;
    private final List<SessionListener> listeners = new ArrayList<>(1);

    /** @param server for the log */
    SessionListeners(String server) {
        this.server = server;
    }

    void add(SessionListener listener) {
        listeners.add(listener);
    }

    /** All of them, even if one throws: that is its own defect, and the session goes on. */
    void tell(Consumer<SessionListener> news) {
        for (SessionListener listener : List.copyOf(listeners)) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("A listener of the session to {} failed", server, e);
            }
        }
    }
}
