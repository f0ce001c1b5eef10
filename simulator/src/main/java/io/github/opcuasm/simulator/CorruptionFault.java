package io.github.opcuasm.simulator;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;

/**
 * A corruption in force: it takes the answers to the requests that it is about, until it has had as many as it wants
 * or is undone.
 */
final class CorruptionFault implements Fault {
    private final Corruption corruption;
    private final Predicate<UaRequestMessageType> about;
    private final AtomicInteger left;
    private final Consumer<CorruptionFault> undo;

    /**
     * A corruption.
     *
     * @param answers how many answers to corrupt at most
     * @param undo takes this fault out of force
     */
    CorruptionFault(
            Corruption corruption, Predicate<UaRequestMessageType> about, int answers, Consumer<CorruptionFault> undo) {
        this.corruption = corruption;
        this.about = about;
        this.left = new AtomicInteger(answers);
        this.undo = undo;
    }

    Corruption corruption() {
        return corruption;
    }

    boolean isAbout(UaRequestMessageType request) {
        return about.test(request);
    }

    /** Takes one answer; after the last one the fault is out of force. */
    boolean take() {
        int before = left.getAndUpdate(answers -> Math.max(0, answers - 1));
        if (before <= 1) {
            close();
        }
        return before > 0;
    }

    @Override
    public void close() {
        left.set(0);
        undo.accept(this);
    }
}
