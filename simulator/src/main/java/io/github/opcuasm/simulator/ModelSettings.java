package io.github.opcuasm.simulator;

import java.util.List;

/**
 * What a simulator's address space looks like beyond the ordinary. Changes hold over stop and start, as those of a
 * device do; all but {@link #typeChanged(boolean)} take effect at the next start.
 */
final class ModelSettings {
    private final boolean bigNodes;
    private volatile List<String> namespacesBefore;
    private volatile boolean typeChanged;

    ModelSettings(boolean bigNodes, List<String> namespacesBefore) {
        this.bigNodes = bigNodes;
        this.namespacesBefore = List.copyOf(namespacesBefore);
    }

    boolean bigNodes() {
        return bigNodes;
    }

    /** Namespaces that come between the server's own and the simulator's. */
    List<String> namespacesBefore() {
        return namespacesBefore;
    }

    void namespacesBefore(List<String> uris) {
        namespacesBefore = List.copyOf(uris);
    }

    /** Whether the type that changes at run time has its added field. */
    boolean typeChanged() {
        return typeChanged;
    }

    void typeChanged(boolean changed) {
        typeChanged = changed;
    }
}
