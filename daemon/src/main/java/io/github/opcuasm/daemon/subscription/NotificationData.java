package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.daemon.opcua.WireDecoder;
import io.github.opcuasm.protocol.type.Notification;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.EventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.EventNotificationList;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;
import org.jspecify.annotations.Nullable;

/** NotificationData as notifications of the wire (Part 4, 7.25). */
public final class NotificationData {
    private NotificationData() {}

    /**
     * Decodes data changes and events, in their order; other kinds are left out.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code ServiceException} with Bad_DecodingError if the server
     *     sent nonsense
     */
    public static List<UaStructuredType> decode(
            List<? extends @Nullable ExtensionObject> data, EncodingContext context) {
        List<UaStructuredType> decoded = new ArrayList<>();
        for (ExtensionObject object : data) {
            if (object != null && !StatusChanges.isOne(object)) {
                decoded.add(decoded(object, context));
            }
        }
        return decoded;
    }

    /** The values in decoded notifications: those whose structures' types have to be known before {@link #toWire}. */
    public static List<@Nullable Variant> values(List<UaStructuredType> decoded) {
        List<@Nullable Variant> values = new ArrayList<>();
        for (UaStructuredType data : decoded) {
            if (data instanceof DataChangeNotification changes && changes.getMonitoredItems() != null) {
                for (MonitoredItemNotification change : changes.getMonitoredItems()) {
                    values.add(
                            change == null || change.getValue() == null
                                    ? null
                                    : change.getValue().getValue());
                }
            } else if (data instanceof EventNotificationList events && events.getEvents() != null) {
                for (EventFieldList event : events.getEvents()) {
                    if (event != null && event.getEventFields() != null) {
                        values.addAll(Arrays.asList(event.getEventFields()));
                    }
                }
            }
        }
        return values;
    }

    /** Decoded notifications, mapped. */
    public static List<Notification> toWire(List<UaStructuredType> decoded, ServerTypes types) {
        List<Notification> notifications = new ArrayList<>();
        decoded.forEach(data -> add(notifications, data, types));
        return notifications;
    }

    private static UaStructuredType decoded(ExtensionObject object, EncodingContext context) {
        try {
            return WireDecoder.decode(object, context);
        } catch (UaSerializationException e) {
            throw OpcUaErrors.service("A notification could not be decoded", StatusCodes.Bad_DecodingError);
        }
    }

    private static void add(List<Notification> notifications, UaStructuredType data, ServerTypes types) {
        if (data instanceof DataChangeNotification changes && changes.getMonitoredItems() != null) {
            for (MonitoredItemNotification change : changes.getMonitoredItems()) {
                if (change != null) {
                    notifications.add(new Notification.DataChange(
                            number(change.getClientHandle()), TypeMapper.toWire(change.getValue(), types)));
                }
            }
        } else if (data instanceof EventNotificationList events && events.getEvents() != null) {
            for (EventFieldList event : events.getEvents()) {
                if (event != null) {
                    notifications.add(new Notification.Event(number(event.getClientHandle()), fields(event, types)));
                }
            }
        }
    }

    private static List<io.github.opcuasm.protocol.type.Variant> fields(EventFieldList event, ServerTypes types) {
        Variant[] fields = event.getEventFields();
        return fields == null
                ? List.of()
                : Arrays.stream(fields)
                        .map(field -> TypeMapper.toWire(field, types))
                        .toList();
    }

    private static long number(@Nullable UInteger number) {
        return number == null ? 0 : number.longValue();
    }
}
