package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.time.Duration;

/** Where what a stream brings is shown. */
interface StreamOutput extends AutoCloseable {
    /** One change or event of a message. */
    void show(Notification notification, StreamEvent.Notifications message);

    /** The message is over, or {@link #patience} is. */
    void flush();

    /** How long nothing may happen before it wants to {@link #flush}. */
    Duration patience();

    /** Leaves the terminal as it was. */
    @Override
    void close();
}
