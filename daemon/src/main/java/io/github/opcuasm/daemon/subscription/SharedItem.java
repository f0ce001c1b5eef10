package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A monitored item on the server that all streams share which asked for the same. It counts from the moment when it is
 * asked for, so that streams which come while the server is being asked do not ask again. Confined to the session's event
 * loop.
 */
final class SharedItem {
    private final MonitoredItemDefinition definition;
    private final CompletableFuture<MonitoredItemResult> granted = new CompletableFuture<>();
    private final List<Follower> followers = new ArrayList<>(1);
    private @Nullable Long itemId;
    private @Nullable DataValue last;

    /** Who is told, and what that one calls the item. */
    record Follower(StreamMember member, long clientHandle) {}

    /** @param definition with the client handle by which the item is known here */
    SharedItem(MonitoredItemDefinition definition) {
        this.definition = definition;
    }

    /** What all who share an item have asked for, whatever each calls it. */
    static MonitoredItemDefinition key(MonitoredItemDefinition asked) {
        return called(asked, 0);
    }

    /** The same under this client handle. */
    static MonitoredItemDefinition called(MonitoredItemDefinition asked, long clientHandle) {
        ItemParameters parameters = asked.parameters();
        return asked.with(new ItemParameters(
                clientHandle,
                parameters.samplingInterval(),
                parameters.queueSize(),
                parameters.discardOldest(),
                parameters.filter()));
    }

    MonitoredItemDefinition definition() {
        return definition;
    }

    /** What the server made of it. */
    CompletableFuture<MonitoredItemResult> granted() {
        return granted;
    }

    /** The server has it under what the subscription calls so. */
    void grantedAs(long id) {
        itemId = id;
    }

    /** Null while the server is being asked. */
    @Nullable
    Long itemId() {
        return itemId;
    }

    List<Follower> followers() {
        return followers;
    }

    void forget(StreamMember member) {
        followers.removeIf(follower -> follower.member() == member);
    }

    /** What it brought last; null if nothing yet, and of events. */
    @Nullable
    DataValue last() {
        return last;
    }

    void last(DataValue value) {
        last = value;
    }
}
