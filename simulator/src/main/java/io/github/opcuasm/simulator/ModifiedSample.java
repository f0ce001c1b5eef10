package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.structured.ModificationInfo;

/** A sample that was replaced in a history or deleted from it, and when, how and by whom. */
record ModifiedSample(DataValue sample, ModificationInfo modification) {
    /** The time of the sample, in 100 ns since 1601. */
    long time() {
        return HistoryStore.timeOf(sample);
    }
}
