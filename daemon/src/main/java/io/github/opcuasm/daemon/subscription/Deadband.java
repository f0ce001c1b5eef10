package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.WireDecoder;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server would have to report one value after another (Part 4, 7.22.2). Timestamps are not looked at: there are
 * servers that stamp values when they are read.
 *
 * @param valuesCount false if only the status does
 * @param absolute numbers that differ by no more are the same
 */
record Deadband(boolean valuesCount, double absolute) {
    private static final Deadband NONE = new Deadband(true, 0);
    private static final int NO_DEADBAND = 0;
    private static final int ABSOLUTE = 1;

    /** Of an item's filter; null if nobody but the server can tell, as with percent of a range and with aggregates. */
    static @Nullable Deadband of(@Nullable ExtensionObject filter, EncodingContext context) {
        if (filter == null) {
            return NONE;
        }
        try {
            if (!(WireDecoder.decode(filter, context) instanceof DataChangeFilter changes)) {
                return null;
            }
            boolean values = changes.getTrigger() != DataChangeTrigger.Status;
            int type = changes.getDeadbandType() == null
                    ? NO_DEADBAND
                    : changes.getDeadbandType().intValue();
            Double size = changes.getDeadbandValue();
            return type == NO_DEADBAND || !values
                    ? new Deadband(values, 0)
                    : type == ABSOLUTE && size != null ? new Deadband(true, Math.abs(size)) : null;
        } catch (UaSerializationException e) {
            return null;
        }
    }

    /** Whether nothing has to be reported. */
    boolean isSame(DataValue before, DataValue now) {
        if (!Objects.equals(before.getStatusCode(), now.getStatusCode())) {
            return false;
        }
        if (!valuesCount) {
            return true;
        }
        Object one = before.getValue() == null ? null : before.getValue().getValue();
        Object other = now.getValue() == null ? null : now.getValue().getValue();
        if (absolute > 0 && one instanceof Number first && other instanceof Number second) {
            return Math.abs(first.doubleValue() - second.doubleValue()) <= absolute;
        }
        return Objects.deepEquals(one, other);
    }
}
