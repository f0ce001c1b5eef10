package io.github.opcuasm.client;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests under way on one connection, and what their listeners are to be told. Guarded by the connection's lock;
 * only what {@link #takeNews} gave is run without it.
 */
final class PendingCalls {
    /** What a daemon says only of connections on which no request has come. */
    private static final Set<ErrorType> BEFORE_ANY =
            EnumSet.of(ErrorType.TOO_MANY_CONNECTIONS, ErrorType.CONNECTION_TIMEOUT);

    private final Map<Long, Call> calls = new HashMap<>();
    private List<Runnable> news = new ArrayList<>();
    private int registered;
    private int asynchronous;
    /** No asynchronous call ends before; exact only when it was just looked for. */
    private long nextEnd;

    /** Learns what became of an asynchronous call: exactly one of the two, once, on whatever thread found out. */
    interface Listener {
        void answered(JsonValue.Obj answer);

        void failed(ClientException why);
    }

    /** One request. */
    static final class Call {
        final long end;
        final Condition changed;
        final @Nullable Listener listener;
        JsonValue.@Nullable Obj answer;
        /** That a blocking caller waits to be told, so that it would hear it now. */
        boolean waiting;
        /** That its end certainly did not leave this process. */
        boolean unsent;

        /**
         * @param changed what a blocking caller waits for
         * @param listener null for a blocking caller
         */
        Call(long end, Condition changed, @Nullable Listener listener) {
            this.end = end;
            this.changed = changed;
            this.listener = listener;
        }
    }

    /** Whether there is none. */
    boolean isEmpty() {
        return calls.isEmpty();
    }

    /** How many there ever were. */
    int registered() {
        return registered;
    }

    /** Whether an asynchronous one is among them. */
    boolean anyAsynchronous() {
        return asynchronous > 0;
    }

    /** Until when at most the asynchronous ones may be left alone. */
    long nextEnd() {
        return nextEnd;
    }

    /** Adds one; whether the asynchronous ones must be looked at earlier than before. */
    boolean add(Long id, Call call) {
        calls.put(id, call);
        registered++;
        if (call.listener == null) {
            return false;
        }
        asynchronous++;
        boolean earlier = asynchronous == 1 || call.end - nextEnd < 0;
        if (earlier) {
            nextEnd = call.end;
        }
        return earlier;
    }

    /** Forgets one; false if it has ended. */
    boolean remove(Long id) {
        Call call = calls.remove(id);
        if (call == null) {
            return false;
        }
        asynchronous -= call.listener == null ? 0 : 1;
        return true;
    }

    /** Gives an answer to the call that it is for, if that still waits. */
    void answer(Long id, JsonValue.Obj answer) {
        Call call = calls.get(id);
        if (call == null) {
            return;
        }
        Listener listener = call.listener;
        if (listener == null) {
            call.answer = answer;
            call.changed.signal();
        } else {
            boolean unused = remove(id);
            news.add(() -> listener.answered(answer));
        }
    }

    /** Gives an answer to the only call that there ever was; false if there were others, or it has ended. */
    boolean answerOnly(JsonValue.Obj answer) {
        if (registered != 1 || calls.isEmpty()) {
            return false;
        }
        answer(calls.keySet().iterator().next(), answer);
        return true;
    }

    /** Wakes a blocking caller that waits for its answer; false if none does: one that still sends would not hear it. */
    boolean wakeOne() {
        for (Call call : calls.values()) {
            if (call.waiting && call.answer == null) {
                call.changed.signal();
                return true;
            }
        }
        return false;
    }

    /** Ends the asynchronous calls whose time is up. */
    void endLate(long now, Supplier<ClientException> late) {
        if (nextEnd - now > 0) {
            return;
        }
        nextEnd = now + TimeUnit.DAYS.toNanos(1);
        for (Iterator<Call> each = calls.values().iterator(); each.hasNext(); ) {
            Call call = each.next();
            Listener listener = call.listener;
            if (listener == null) {
                continue;
            }
            if (call.end - now <= 0) {
                each.remove();
                asynchronous--;
                news.add(() -> listener.failed(late.get()));
            } else if (call.end - nextEnd < 0) {
                nextEnd = call.end;
            }
        }
    }

    /** Ends all asynchronous calls and wakes the blocking callers: the connection broke. */
    void fail(ClientException why) {
        for (Iterator<Call> each = calls.values().iterator(); each.hasNext(); ) {
            Call call = each.next();
            Listener listener = call.listener;
            if (listener == null) {
                call.changed.signal();
            } else {
                each.remove();
                asynchronous--;
                ClientException own = copy(why, call);
                news.add(() -> listener.failed(own));
            }
        }
    }

    /**
     * Each caller gets an exception of its own, with its own stack trace and what is known of its request. An error without
     * an id that ended the connection is the answer to a request only if that was the only one, or if no request was ever
     * taken from the connection: else it may be about another one, and this one under way.
     */
    ClientException copy(ClientException why, Call call) {
        if (!(why instanceof RequestFailedException refusal)) {
            return new ConnectionLostException(why.messageText(), outcome(call), why);
        }
        if (registered <= 1 || refusal.errorType().filter(BEFORE_ANY::contains).isPresent()) {
            return refusal.again();
        }
        return new ConnectionLostException(
                "The daemon ended the connection: " + refusal.type() + ": " + refusal.messageText(),
                outcome(call),
                refusal);
    }

    private static Outcome outcome(Call call) {
        return call.unsent ? Outcome.NOT_SENT : Outcome.UNKNOWN;
    }

    /** Whether listeners are to be told something. */
    boolean hasNews() {
        return !news.isEmpty();
    }

    /** What listeners are to be told, in its order; to be run without the lock. */
    List<Runnable> takeNews() {
        if (news.isEmpty()) {
            return List.of();
        }
        List<Runnable> taken = news;
        news = new ArrayList<>();
        return taken;
    }
}
