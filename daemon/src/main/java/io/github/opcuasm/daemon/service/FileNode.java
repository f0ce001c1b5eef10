package io.github.opcuasm.daemon.service;

import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory, as its server shows it.
 *
 * @param nodeId by the index of its namespace on the session that was asked
 * @param methods its own
 * @param maxBytes how much one Read or Write may carry; null where the server does not tell
 */
record FileNode(
        NodeId nodeId,
        Map<FileMethod, NodeId> methods,
        @Nullable Long maxBytes) {
    /** What to call: its own method, else that of its type. */
    NodeId method(FileMethod method) {
        NodeId own = methods.get(method);
        return own == null ? method.ofType() : own;
    }
}
