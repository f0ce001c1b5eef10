package io.github.opcuasm.daemon.service;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is known of the server's data types. */
public final class TypeService {

    /**
     * Asks for all structures and enumerations.
     *
     * @param namespaceIndex only those of this namespace; null = of all but 0
     * @param useCache whether an answer of some minutes ago will do; if not, all that is known is forgotten first
     * @return how many types can be decoded
     */
    public CompletableFuture<Integer> discover(
            CallContext context, @Nullable Integer namespaceIndex, boolean useCache) {
        return context.types().discover(context, namespaceIndex, useCache);
    }

    /** Forgets the types of the server; the next value asks anew. */
    public void forget(CallContext context) {
        context.types().flush();
    }
}
