package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NotificationMessage that was sent before (Part 4, 5.14.6).
 *
 * @param publishTime null if the server gives none
 */
public record RepublishResult(long sequenceNumber, @Nullable DateTime publishTime, List<Notification> notifications) {}
