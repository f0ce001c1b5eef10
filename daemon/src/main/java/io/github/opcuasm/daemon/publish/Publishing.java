package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import java.time.Duration;

/** What subscriptions of the configuration are made with. */
record Publishing(
        SubscriptionRegistry subscriptions,
        SubscriptionService service,
        MonitoredItemService items,
        EventTypeNames types,
        CallContexts contexts,
        Caller daemon,
        Ticker ticker) {
    private static final Duration BOUND = Duration.ofSeconds(30);
    /** As what the daemon itself asks of its sessions. */
    private static final long NO_CONNECTION = 0;

    /** One step on a handle, on the daemon's behalf. */
    CallContext context(SessionHandle handle) {
        long now = ticker.read();
        return contexts.of(handle, now, now + BOUND.toNanos(), NO_CONNECTION, daemon);
    }
}
