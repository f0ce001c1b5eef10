package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.RequestId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests of one connection that are not answered yet: those with an id, and at most one without. */
final class ExchangesUnderWay {
    private final Map<RequestId, PendingExchange> withId = new HashMap<>(4);
    private @Nullable PendingExchange withoutId;

    /** False if its id is under way already. */
    boolean add(PendingExchange exchange) {
        RequestId id = exchange.id();
        if (id == null) {
            withoutId = exchange;
            return true;
        }
        return withId.putIfAbsent(id, exchange) == null;
    }

    void remove(PendingExchange exchange) {
        RequestId id = exchange.id();
        if (id == null) {
            withoutId = null;
        } else {
            withId.remove(id, exchange);
        }
    }

    @Nullable
    PendingExchange find(RequestId id) {
        return withId.get(id);
    }

    int size() {
        return withId.size() + (withoutId == null ? 0 : 1);
    }

    void refuseAll() {
        copy().forEach(PendingExchange::refuse);
    }

    /** Forgets them all, telling each that its peer is gone. */
    void abandonAll() {
        List<PendingExchange> abandoned = copy();
        withId.clear();
        withoutId = null;
        abandoned.forEach(PendingExchange::abandon);
    }

    private List<PendingExchange> copy() {
        List<PendingExchange> copy = new ArrayList<>(withId.values());
        if (withoutId != null) {
            copy.add(withoutId);
        }
        return copy;
    }
}
