package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/** Finds out about the structures in values that a server sends by itself. */
public interface StructureTypes {
    /**
     * Asks for the types that are not known yet, as far as that can be done in a bounded time.
     *
     * @return at once where nothing is missing; does not fail
     */
    CompletableFuture<ServerTypes> prepared(OpcUaSession session, List<@Nullable Variant> values);

    /** The types as they are known now. */
    ServerTypes known(OpcUaSession session);
}
