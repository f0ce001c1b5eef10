package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.StreamEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where what a stream brings is shown. */
interface StreamOutput extends AutoCloseable {
    /** One change or event of a message. */
    void show(Notification notification, StreamEvent.Notifications message);

    /** The item will bring nothing: this is why. */
    default void refused(int index, String status) {}

    /** How the stream fares, if it is not live; null = it is. */
    default void fares(@Nullable String state) {}

    /** Runs what writes to the terminal beside it. */
    default void aside(Runnable telling) {
        telling.run();
    }

    /** The message is over, or {@link #patience} is. */
    void flush();

    /** How long nothing may happen before it wants to {@link #flush}. */
    Duration patience();

    /** Leaves the terminal as it was. */
    @Override
    void close();
}
