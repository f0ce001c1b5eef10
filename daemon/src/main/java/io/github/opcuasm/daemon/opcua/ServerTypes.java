package io.github.opcuasm.daemon.opcua;

import java.util.Map;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/** What is known of a server to make sense of its values: its namespaces, and the types of its structures. */
public interface ServerTypes {
    NamespaceTable namespaces();

    /**
     * Decodes a structure whose type is known already; asks nobody.
     *
     * @return the fields in their order, as {@link io.github.opcuasm.protocol.type.ExtensionObject} documents them; null
     *     if the type is unknown or the body does not fit it
     */
    @Nullable
    Map<String, @Nullable Object> decode(ExtensionObject object);

    /** Knows no structures. */
    static ServerTypes ofNamespaces(NamespaceTable namespaces) {
        return new ServerTypes() {
            @Override
            public NamespaceTable namespaces() {
                return namespaces;
            }

            @Override
            public @Nullable Map<String, @Nullable Object> decode(ExtensionObject object) {
                return null;
            }
        };
    }
}
