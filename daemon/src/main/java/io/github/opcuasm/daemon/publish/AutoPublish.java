package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.ConfiguredSubscription;
import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.service.ConfiguredItems;
import io.github.opcuasm.daemon.service.EventTypeNames;
import io.github.opcuasm.daemon.service.GatheredPages;
import io.github.opcuasm.daemon.service.MonitoredItemService;
import io.github.opcuasm.daemon.service.SubscriptionService;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.sink.NotificationSink;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the subscriptions of the configuration: makes them on each handle that is opened for their connection, and takes what
 * they bring to listeners and sinks. A handle that ends takes its subscriptions with it; the one that follows gets its own.
 *
 * <p>After a restart the handle may be one of the daemon before. What that had subscribed to on it is known to nobody any
 * more: it is deleted on the server with its first sign of life ({@code SessionSubscriptions}), while all is made anew, with
 * a gap.
 */
public final class AutoPublish implements AutoCloseable {
    /** Bound on what is held of servers' event types while they are looked for. */
    private static final long EVENT_TYPES_BYTES = 16L * 1024 * 1024;

    private static final String RESTARTED = "the daemon was restarted";

    private final Map<String, NamedConnection> connections = new LinkedHashMap<>();
    private final Map<Path, NotificationSink> sinks = new LinkedHashMap<>();
    private final List<ListenerCalls> listeners;
    private final Publishing publishing;
    private final Set<AutoSubscription> live = ConcurrentHashMap.newKeySet();

    /**
     * Opens nothing yet.
     *
     * @param daemon on whose behalf subscriptions are made
     * @throws IllegalArgumentException naming the connection and what in its subscriptions cannot be
     */
    public AutoPublish(
            DaemonConfig config,
            SubscriptionRegistry subscriptions,
            CallContexts contexts,
            Caller daemon,
            Ticker ticker) {
        this.publishing = new Publishing(
                subscriptions,
                new SubscriptionService(subscriptions),
                new MonitoredItemService(subscriptions),
                new EventTypeNames(
                        new ViewService(ticker, new GatheredPages(EVENT_TYPES_BYTES)), EventTypeNames.Memory.NONE),
                contexts,
                daemon,
                ticker);
        this.listeners = config.listeners().stream().map(ListenerCalls::new).toList();
        for (NamedConnection named : config.connections()) {
            for (ConfiguredSubscription subscription : named.subscriptions()) {
                check(named, subscription);
                SinkConfig sink = subscription.sink();
                if (sink != null) {
                    sinks.computeIfAbsent(sink.path(), any -> new NotificationSink(sink));
                }
                connections.put(named.name(), named);
            }
        }
    }

    private static void check(NamedConnection named, ConfiguredSubscription subscription) {
        try {
            var unused = ConfiguredItems.of(subscription);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("connections: " + named.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Opens the sinks, and lets listeners hear. Blocks.
     *
     * @throws DaemonStartException if a sink cannot be written to
     */
    public void open() throws DaemonStartException {
        for (NotificationSink sink : sinks.values()) {
            sink.open();
        }
        listeners.forEach(ListenerCalls::start);
    }

    /**
     * A connection is open: its subscriptions are made. From any thread.
     *
     * @param restored whether the handle is one of the daemon before
     */
    public void opened(String connection, SessionHandle handle, boolean restored) {
        NamedConnection named = connections.get(connection);
        if (named == null) {
            return;
        }
        handle.publishByDaemon();
        for (ConfiguredSubscription configured : named.subscriptions()) {
            AutoSubscription subscription = new AutoSubscription(
                    connection,
                    handle,
                    configured,
                    publishing,
                    new Outlets(listeners, sinkOf(configured)),
                    restored ? RESTARTED : null);
            live.add(subscription);
            handle.onEnd(() -> {
                live.remove(subscription);
                subscription.end();
            });
            subscription.start();
        }
    }

    private @Nullable NotificationSink sinkOf(ConfiguredSubscription configured) {
        SinkConfig sink = configured.sink();
        return sink == null ? null : sinks.get(sink.path());
    }

    /** Files of sinks may have been moved away. */
    public void reopen() {
        sinks.values().forEach(NotificationSink::reopen);
    }

    /**
     * Takes nothing in any more, writes and tells what waits, within some seconds, and closes the sinks. What they have
     * not written is not acknowledged. May run twice.
     */
    @Override
    public void close() {
        live.forEach(AutoSubscription::abandon);
        listeners.forEach(ListenerCalls::close);
        sinks.values().forEach(NotificationSink::close);
    }
}
