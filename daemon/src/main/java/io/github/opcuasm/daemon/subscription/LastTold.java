package io.github.opcuasm.daemon.subscription;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeNotification;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemNotification;

/**
 * The last messages of a subscription, still encoded: what its items were told to be is only looked at when it falls silent,
 * and no message costs more than its place here. At most {@value #MAX_MESSAGES} of them and {@value #MAX_BYTES} bytes; what
 * was told before is not known. Confined to the session's event loop.
 */
final class LastTold {
    static final int MAX_MESSAGES = 32;
    static final long MAX_BYTES = 32 << 10;

    private final Deque<Message> messages = new ArrayDeque<>(2);
    private long bytes;

    void add(Message message) {
        messages.addLast(message);
        bytes += message.bytes();
        while (messages.size() > MAX_MESSAGES || bytes > MAX_BYTES) {
            bytes -= messages.removeFirst().bytes();
        }
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }

    /** The last value under each client handle, as far as it is among the last messages and can be understood. */
    Map<Long, DataValue> values(EncodingContext context) {
        Map<Long, DataValue> values = new HashMap<>();
        for (Message message : messages) {
            decoded(message, context).forEach(data -> take(data, values));
        }
        return values;
    }

    /** Nothing of what cannot be understood: whoever reads the message is told of that. */
    private static List<UaStructuredType> decoded(Message message, EncodingContext context) {
        try {
            return NotificationData.decode(message.data(), context);
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    private static void take(UaStructuredType data, Map<Long, DataValue> values) {
        if (data instanceof DataChangeNotification changes && changes.getMonitoredItems() != null) {
            for (MonitoredItemNotification change : changes.getMonitoredItems()) {
                if (change != null && change.getClientHandle() != null && change.getValue() != null) {
                    values.put(change.getClientHandle().longValue(), change.getValue());
                }
            }
        }
    }
}
