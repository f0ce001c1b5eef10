package io.github.opcuasm.daemon.ipc;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected, and who may. At the limit the oldest connection that has not yet completed a frame makes room for
 * a newcomer, so silent peers cannot lock others out; one that has completed a frame is never given up.
 *
 * <p>A connection that only waits for its end (its last answer is written, the rest of its input is thrown away) counts
 * no more; such ones have a bound of their own, the same number, above which they are closed at once.
 *
 * <p>Event loops share it, so it is locked; each critical section is a few steps on hash tables, and a connection
 * passes through three of them in its life.
 */
final class ConnectionTable {
    private final int limit;
    private final Set<IpcConnection> counted = new HashSet<>();
    private final Set<IpcConnection> silent = new LinkedHashSet<>();
    private final Set<Channel> ending = new HashSet<>();

    ConnectionTable(int limit) {
        this.limit = limit;
    }

    /** Whether the newcomer may stay; may give up a silent connection for it. */
    boolean admit(IpcConnection newcomer) {
        IpcConnection oldest = null;
        synchronized (this) {
            if (counted.size() >= limit) {
                oldest = pollOldestSilent();
                if (oldest == null) {
                    return false;
                }
                counted.remove(oldest);
            }
            counted.add(newcomer);
            silent.add(newcomer);
        }
        if (oldest != null) {
            oldest.giveUp();
        }
        return true;
    }

    /** The connection completed its first frame. */
    synchronized void completedFrame(IpcConnection connection) {
        silent.remove(connection);
    }

    /** The connection counts no more. */
    synchronized void leave(IpcConnection connection) {
        counted.remove(connection);
        silent.remove(connection);
    }

    /** As {@link #leave}; false if too many are ending already and this one must be closed at once. */
    synchronized boolean leaveToEnd(IpcConnection connection, Channel channel) {
        counted.remove(connection);
        silent.remove(connection);
        return ending.contains(channel) || (ending.size() < limit && ending.add(channel));
    }

    synchronized void ended(Channel channel) {
        ending.remove(channel);
    }

    synchronized List<IpcConnection> connections() {
        return new ArrayList<>(counted);
    }

    synchronized List<Channel> endingChannels() {
        return new ArrayList<>(ending);
    }

    private @Nullable IpcConnection pollOldestSilent() {
        Iterator<IpcConnection> oldestFirst = silent.iterator();
        if (!oldestFirst.hasNext()) {
            return null;
        }
        IpcConnection oldest = oldestFirst.next();
        oldestFirst.remove();
        return oldest;
    }
}
