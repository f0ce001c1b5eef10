package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import io.github.opcuasm.daemon.state.StatePart;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.protocol.type.DateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** A {@link RememberedSubscription} as a record: what it is, its items, their links. */
final class SubscriptionRecord {
    private static final int HANDLE_ID_DIGITS = 32;
    private static final int ID_DIGITS = 8;
    private static final String SUBSCRIPTION = "subscription";
    private static final String ITEMS = "items";
    private static final String LINKS = "links";
    private static final int VERSION = 1;
    private static final int SMALLEST_ITEM = 8 * Long.BYTES;
    private static final String NAME = StateRecord.SUBSCRIPTION + "[0-9a-f]{" + (HANDLE_ID_DIGITS + ID_DIGITS) + "}";

    private SubscriptionRecord() {}

    /** Its name; the journal has the same. */
    static String name(String handleId, long id) {
        return StateRecord.SUBSCRIPTION + handleId + HexFormat.of().toHexDigits(id, ID_DIGITS);
    }

    /**
     * Whose it is.
     *
     * @throws DamagedStateException if the name is none of ours
     */
    static String handleId(String name) throws DamagedStateException {
        if (!name.matches(NAME)) {
            throw new DamagedStateException("has a name that tells no subscription");
        }
        int from = StateRecord.SUBSCRIPTION.length();
        return name.substring(from, from + HANDLE_ID_DIGITS);
    }

    static List<StatePart> parts(RememberedSubscription subscription) {
        return List.of(
                new StatePart(SUBSCRIPTION, VERSION, definition(subscription)),
                new StatePart(ITEMS, VERSION, items(subscription.items())),
                new StatePart(LINKS, VERSION, links(subscription.links())));
    }

    private static byte[] definition(RememberedSubscription subscription) {
        PartWriter out = new PartWriter()
                .text(subscription.owner())
                .number(subscription.serverId())
                .flag(subscription.asked() != null);
        SubscriptionParameters asked = subscription.asked();
        if (asked != null) {
            fraction(out, asked.publishingInterval());
            out.number(asked.lifetimeCount())
                    .number(asked.maxKeepAliveCount())
                    .number(asked.maxNotificationsPerPublish())
                    .flag(asked.publishingEnabled())
                    .number(asked.priority());
        }
        fraction(out, subscription.granted().publishingInterval());
        Long expected = subscription.expected();
        return out.number(subscription.granted().lifetimeCount())
                .number(subscription.granted().maxKeepAliveCount())
                .number(subscription.epoch())
                .flag(expected != null)
                .number(expected == null ? 0 : expected)
                .number(subscription.upTo().ticks())
                .number(subscription.serverStart().ticks())
                .toBytes();
    }

    private static byte[] items(List<RememberedSubscription.Item> items) {
        PartWriter out = new PartWriter().number(items.size());
        for (RememberedSubscription.Item item : items) {
            MonitoredItemDefinition definition = item.definition();
            ItemParameters parameters = definition.parameters();
            out.number(item.itemId()).number(item.serverItemId());
            StoredExtensionObject.writeId(out, definition.nodeId());
            out.textOrNull(definition.namespaceUri())
                    .number(definition.attributeId())
                    .number(definition.monitoringMode())
                    .number(parameters.clientHandle());
            fraction(out, parameters.samplingInterval());
            out.number(parameters.queueSize()).flag(parameters.discardOldest());
            StoredExtensionObject.write(out, parameters.filter());
        }
        return out.toBytes();
    }

    private static byte[] links(List<RememberedSubscription.Link> links) {
        PartWriter out = new PartWriter().number(links.size());
        links.forEach(link -> out.number(link.triggering()).number(link.linked()));
        return out.toBytes();
    }

    /** @throws DamagedStateException if the record makes no sense */
    static RememberedSubscription of(StateRecord record) throws DamagedStateException {
        String handleId = handleId(record.name());
        long id = HexFormat.fromHexDigitsToLong(
                record.name().substring(StateRecord.SUBSCRIPTION.length() + handleId.length()));
        PartReader in = record.require(SUBSCRIPTION, VERSION);
        String owner = in.text();
        long serverId = in.number();
        SubscriptionParameters asked = in.flag() ? asked(in) : null;
        GrantedParameters granted = new GrantedParameters(fraction(in), in.number(), in.number());
        long epoch = in.number();
        boolean isExpected = in.flag();
        long expected = in.number();
        DateTime upTo = new DateTime(in.number());
        DateTime serverStart = new DateTime(in.number());
        in.end();
        return new RememberedSubscription(
                id,
                owner,
                serverId,
                asked,
                granted,
                epoch,
                isExpected ? expected : null,
                upTo,
                serverStart,
                items(record.require(ITEMS, VERSION)),
                links(record.require(LINKS, VERSION)));
    }

    private static SubscriptionParameters asked(PartReader in) throws DamagedStateException {
        return new SubscriptionParameters(
                fraction(in), in.number(), in.number(), in.number(), in.flag(), (int) in.number());
    }

    private static List<RememberedSubscription.Item> items(PartReader in) throws DamagedStateException {
        List<RememberedSubscription.Item> items = new ArrayList<>();
        for (int left = in.count(SMALLEST_ITEM); left > 0; left--) {
            long itemId = in.number();
            long serverItemId = in.number();
            NodeId nodeId = StoredExtensionObject.readId(in);
            @Nullable String namespaceUri = in.textOrNull();
            int attributeId = (int) in.number();
            int monitoringMode = (int) in.number();
            ItemParameters parameters = new ItemParameters(
                    in.number(), fraction(in), in.number(), in.flag(), StoredExtensionObject.read(in));
            items.add(new RememberedSubscription.Item(
                    itemId,
                    serverItemId,
                    new MonitoredItemDefinition(nodeId, namespaceUri, attributeId, monitoringMode, parameters)));
        }
        in.end();
        return items;
    }

    private static List<RememberedSubscription.Link> links(PartReader in) throws DamagedStateException {
        List<RememberedSubscription.Link> links = new ArrayList<>();
        for (int left = in.count(2 * Long.BYTES); left > 0; left--) {
            links.add(new RememberedSubscription.Link(in.number(), in.number()));
        }
        in.end();
        return links;
    }

    private static void fraction(PartWriter out, double value) {
        out.number(Double.doubleToRawLongBits(value));
    }

    private static double fraction(PartReader in) throws DamagedStateException {
        return Double.longBitsToDouble(in.number());
    }
}
