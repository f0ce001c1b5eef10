package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.PublishResult;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says that a message was taken over and need not be kept.
 *
 * @param epoch as the message had it; null = the oldest message of that number
 */
public record Acknowledgement(
        long subscriptionId, long sequenceNumber, @Nullable Long epoch) {

    /** Of this message. */
    public static Acknowledgement of(PublishResult message) {
        return new Acknowledgement(message.subscriptionId(), message.sequenceNumber(), message.epoch());
    }

    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("subscriptionId", subscriptionId);
        members.put("sequenceNumber", sequenceNumber);
        if (epoch != null) {
            members.put("epoch", epoch);
        }
        return members;
    }
}
