package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a method touches besides asking the handle's server: known from its parameters, before anything is sent. */
interface Targets {
    /** Nothing. */
    Targets NONE = params -> List.of();

    /**
     * The nodes that it changes or calls, as the caller named them.
     *
     * @throws io.github.opcuasm.protocol.CommandException if a parameter that names one does not fit
     */
    List<NodeReference> nodes(Params params);

    /** The URL of the server that it connects to; null if it connects to none. */
    default @Nullable String server(Params params) {
        return null;
    }

    /** Whether there is a {@link #server}. */
    default boolean isConnecting() {
        return false;
    }

    /** A server that the parameter of this index names. */
    static Targets server(int index, String name) {
        return new Targets() {
            @Override
            public List<NodeReference> nodes(Params params) {
                return List.of();
            }

            @Override
            public String server(Params params) {
                return params.get(index, name).text();
            }

            @Override
            public boolean isConnecting() {
                return true;
            }
        };
    }
}
