package io.github.opcuasm.daemon.subscription;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.jspecify.annotations.Nullable;

/**
 * Messages that overtook the answer which says whose their subscription is, oldest first. At most {@value #MAX_MESSAGES} of
 * them and {@value #MAX_BYTES} bytes, or one that is larger by itself; what comes beyond that is not kept. Nothing here was
 * acknowledged: as long as the server keeps it, {@code republish} still gets it. Confined to the session's event loop.
 */
final class EarlyMessages {
    static final int MAX_MESSAGES = 64;
    static final long MAX_BYTES = 1 << 20;
    private static final int BYTES_PER_NUMBER = 24;

    private final Deque<PublishResponse> messages = new ArrayDeque<>(1);
    private long bytes;

    /** Keeps a message; false if there is no room. */
    boolean add(PublishResponse message) {
        long size = bytes(message);
        if (!messages.isEmpty() && (messages.size() >= MAX_MESSAGES || bytes + size > MAX_BYTES)) {
            return false;
        }
        messages.addLast(message);
        bytes += size;
        return true;
    }

    /** Takes the messages of one subscription. */
    List<PublishResponse> takeAll(long subscriptionId) {
        List<PublishResponse> taken = new ArrayList<>();
        for (Iterator<PublishResponse> oldestFirst = messages.iterator(); oldestFirst.hasNext(); ) {
            PublishResponse message = oldestFirst.next();
            if (subscriptionOf(message) == subscriptionId) {
                oldestFirst.remove();
                bytes -= bytes(message);
                taken.add(message);
            }
        }
        return taken;
    }

    /** Takes all of them. */
    List<PublishResponse> takeAll() {
        List<PublishResponse> taken = List.copyOf(messages);
        clear();
        return taken;
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }

    /** 0, which no subscription has, if the server did not say it. */
    static long subscriptionOf(PublishResponse message) {
        UInteger id = message.getSubscriptionId();
        return id == null ? 0 : id.longValue();
    }

    private static long bytes(PublishResponse message) {
        NotificationMessage notifications = message.getNotificationMessage();
        ExtensionObject[] data = notifications == null ? null : notifications.getNotificationData();
        long numbers = length(message.getAvailableSequenceNumbers())
                + length(message.getResults())
                + length(message.getDiagnosticInfos());
        return Message.bytes(data == null ? List.of() : Arrays.asList(data)) + numbers * BYTES_PER_NUMBER;
    }

    private static long length(Object @Nullable [] array) {
        return array == null ? 0 : array.length;
    }
}
