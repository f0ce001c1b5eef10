package io.github.opcuasm.simulator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.sdk.server.subscriptions.Subscription;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.SetPublishingModeRequest;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions that say nothing. Milo is told that their publishing is disabled, so that values stay in their items,
 * and the keep-alives that remain are withheld by {@link PublishedMessages}.
 */
final class SilentSubscriptions {
    private final Map<UInteger, Silence> silences = new ConcurrentHashMap<>();

    /** Returns what ends the silence of these, as far as it lasts by then. */
    Runnable silence(Collection<Subscription> subscriptions, boolean untilModified) {
        List<Silence> begun = new ArrayList<>();
        for (Subscription subscription : subscriptions) {
            Silence silence = new Silence(subscription, untilModified);
            silences.put(subscription.getId(), silence);
            begun.add(silence);
            silence.begin();
        }
        return () -> begun.forEach(this::end);
    }

    boolean contains(UInteger subscriptionId) {
        return silences.containsKey(subscriptionId);
    }

    void modified(UInteger subscriptionId) {
        Silence silence = silences.get(subscriptionId);
        if (silence != null && silence.untilModified) {
            end(silence);
        }
    }

    void modeSet(UInteger subscriptionId, boolean enabled) {
        Silence silence = silences.get(subscriptionId);
        if (silence != null) {
            silence.enabled = enabled;
            silence.begin();
            modified(subscriptionId);
        }
    }

    private void end(@Nullable Silence silence) {
        if (silence != null && silences.remove(silence.subscription.getId(), silence)) {
            silence.publish(silence.enabled);
        }
    }

    private static final class Silence {
        private final Subscription subscription;
        private final boolean untilModified;
        private volatile boolean enabled;

        Silence(Subscription subscription, boolean untilModified) {
            this.subscription = subscription;
            this.untilModified = untilModified;
            this.enabled = subscription.isPublishingEnabled();
        }

        void begin() {
            publish(false);
        }

        void publish(boolean enable) {
            subscription.setPublishingMode(new SetPublishingModeRequest(
                    SimulatorSubscriptions.anyHeader(), enable, new UInteger[] {subscription.getId()}));
        }
    }
}
