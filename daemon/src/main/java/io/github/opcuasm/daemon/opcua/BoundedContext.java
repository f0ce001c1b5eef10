package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;

/**
 * Another context under tighter limits. Milo's decoder allocates a string or byte string of any length up to the
 * message size limit before it looks whether so many bytes are there, so the limit is set to the bytes that are there.
 */
record BoundedContext(EncodingContext context, EncodingLimits getEncodingLimits) implements EncodingContext {

    static BoundedContext of(EncodingContext context, int bytes) {
        return new BoundedContext(context, limits(context.getEncodingLimits(), bytes));
    }

    static EncodingLimits limits(EncodingLimits limits, int bytes) {
        return new EncodingLimits(
                limits.getMaxChunkSize(),
                limits.getMaxChunkCount(),
                Math.min(limits.getMaxMessageSize(), bytes),
                limits.getMaxRecursionDepth());
    }

    @Override
    public DataTypeManager getDataTypeManager() {
        return context.getDataTypeManager();
    }

    @Override
    public EncodingManager getEncodingManager() {
        return context.getEncodingManager();
    }

    @Override
    public NamespaceTable getNamespaceTable() {
        return context.getNamespaceTable();
    }

    @Override
    public ServerTable getServerTable() {
        return context.getServerTable();
    }
}
