package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoringParameters;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;

/** A subscription whose Publish requests a test sends itself, one by one, so that every message is seen as it is. */
final class RawSubscription {
    /** A value as a notification told it. */
    record Told(long value, Instant serverTime) {}

    private final OpcUaClient client;
    private final CreateSubscriptionResponse created;

    RawSubscription(OpcUaClient client, double publishingInterval, int maxKeepAliveCount) throws Exception {
        this.client = client;
        this.created = client.createSubscriptionAsync(
                        publishingInterval, uint(1_000), uint(maxKeepAliveCount), uint(0), true, ubyte(0))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private RawSubscription(OpcUaClient client, CreateSubscriptionResponse created) {
        this.client = client;
        this.created = created;
    }

    /** The same subscription as another client sees it who has taken it over. */
    RawSubscription of(OpcUaClient heir) throws Exception {
        heir.transferSubscriptionsAsync(List.of(id()), false).get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        return new RawSubscription(heir, created);
    }

    UInteger id() {
        return created.getSubscriptionId();
    }

    CreateSubscriptionResponse created() {
        return created;
    }

    MonitoredItemCreateResult monitor(NodeId nodeId, int queueSize) throws Exception {
        return client.createMonitoredItemsAsync(
                        id(),
                        TimestampsToReturn.Both,
                        List.of(new MonitoredItemCreateRequest(
                                new ReadValueId(nodeId, AttributeId.Value.uid(), null, null),
                                MonitoringMode.Reporting,
                                new MonitoringParameters(uint(1), 10.0, null, uint(queueSize), true))))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getResults()[0];
    }

    CompletableFuture<PublishResponse> request(SubscriptionAcknowledgement... acknowledgements) throws UaException {
        return client.sendRequestAsync(new PublishRequest(
                        client.newRequestHeader(client.getSession().getAuthenticationToken()), acknowledgements))
                .thenApply(PublishResponse.class::cast);
    }

    static PublishResponse answer(CompletableFuture<PublishResponse> request) throws Exception {
        return request.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    PublishResponse publish(SubscriptionAcknowledgement... acknowledgements) throws Exception {
        return answer(request(acknowledgements));
    }

    /** The next message that is no keep-alive. */
    PublishResponse publishNotifications() throws Exception {
        while (true) {
            PublishResponse answer = publish();
            if (!isKeepAlive(answer)) {
                return answer;
            }
        }
    }

    SubscriptionAcknowledgement acknowledgement(long sequenceNumber) {
        return new SubscriptionAcknowledgement(id(), UInteger.valueOf(sequenceNumber));
    }

    CompletableFuture<RepublishResponse> republish(long sequenceNumber) {
        return client.republishAsync(id(), UInteger.valueOf(sequenceNumber));
    }

    static boolean isKeepAlive(PublishResponse answer) {
        ExtensionObject[] data = answer.getNotificationMessage().getNotificationData();
        return data == null || data.length == 0;
    }

    static long sequenceNumber(PublishResponse answer) {
        return answer.getNotificationMessage().getSequenceNumber().longValue();
    }

    static List<Told> values(NotificationMessage message) {
        List<Told> values = new ArrayList<>();
        for (ExtensionObject data : Objects.requireNonNull(message.getNotificationData())) {
            if (data.decode(DefaultEncodingContext.INSTANCE) instanceof DataChangeNotification changes) {
                Arrays.stream(Objects.requireNonNull(changes.getMonitoredItems()))
                        .map(MonitoredItemNotification::getValue)
                        .map(value -> new Told(
                                ((Number) Objects.requireNonNull(value.value().value())).longValue(),
                                Objects.requireNonNull(value.serverTime()).getJavaInstant()))
                        .forEach(values::add);
            }
        }
        return values;
    }
}
