package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.StreamEvent;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the events of a subscription come from: a stream, or a daemon that is asked again and again. */
interface NotificationSource {

    SubscriptionResult subscription();

    List<MonitoredItemResult> items();

    List<MonitoredItemResult> events();

    /**
     * The next event, waited for.
     *
     * @return null if none came in time
     * @throws ClientException if the source is of no use any more
     */
    @Nullable
    StreamEvent next(Duration timeout);

    /** From any thread, also while another one waits. */
    void close();

    /** A stream of protocol 2. */
    record OfStream(NotificationStream stream) implements NotificationSource {
        @Override
        public SubscriptionResult subscription() {
            return stream.subscription();
        }

        @Override
        public List<MonitoredItemResult> items() {
            return stream.items();
        }

        @Override
        public List<MonitoredItemResult> events() {
            return stream.events();
        }

        @Override
        public @Nullable StreamEvent next(Duration timeout) {
            return stream.next(timeout);
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
