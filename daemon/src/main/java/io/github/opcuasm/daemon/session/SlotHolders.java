package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What somebody is told who got no session: how many the server gives, and who has them. Whoever may use a holder's
 * handles is told where to find it, by the connection's name and the first digits of the handle, which the session's name
 * on the server shows too; others are told no more than whose it is. Never a whole id, never a secret.
 */
final class SlotHolders {
    private static final int MAX_MESSAGE = 500;
    private static final int MAX_NAME = 60;
    private static final int DIGITS = 8;

    private SlotHolders() {}

    /** The failure of an order that waited, or could not. */
    static CommandException failure(ServerSlots slots, SlotWait wait, long now) {
        boolean learned = slots.learned() != null && !slots.isConfiguredFull();
        String message = "No free session on " + slots.server() + within(wait.waited(now)) + ": " + reason(slots)
                + held(slots, wait.order().wanted().mayUse(), now);
        return new CommandException(
                ErrorType.SESSION_BUDGET,
                message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE - 1) + "…" : message,
                learned ? ServerSlots.TOO_MANY_SESSIONS : null,
                null,
                null);
    }

    private static String within(long waited) {
        return waited <= 0
                ? ""
                : " within "
                        + BigDecimal.valueOf(waited)
                                .movePointLeft(9)
                                .setScale(1, RoundingMode.HALF_UP)
                                .stripTrailingZeros()
                                .toPlainString()
                        + " s";
    }

    private static String reason(ServerSlots slots) {
        Integer learned = slots.learned();
        if (learned == null || slots.isConfiguredFull()) {
            return "its budget is " + slots.configured() + " (budget in the config file). ";
        }
        String answer = "the server answered " + OpcUaErrors.describe(ServerSlots.TOO_MANY_SESSIONS);
        return slots.used() == 0
                ? answer + " while none of its sessions is ours: other clients hold them"
                : "its budget is " + learned + " (learned: " + answer + "). ";
    }

    /** Who waits, for the log. */
    static String waiting(SessionOrder order) {
        SessionOrder.Wanted wanted = order.wanted();
        return cut(wanted.caller()) + " (" + found(wanted.connection(), wanted.handleId()) + ")";
    }

    /** Where a handle is found: in {@code list}, and in the server's own list of sessions. */
    private static String found(@Nullable String connection, String handleId) {
        String digits = "handle " + handleId.substring(0, Math.min(DIGITS, handleId.length()));
        return connection == null ? digits : connection + ", " + digits;
    }

    private static String held(ServerSlots slots, Predicate<String> mayUse, long now) {
        List<String> holders = new ArrayList<>();
        slots.sessions().forEach(session -> holders.add(holder(session, mayUse, now)));
        if (slots.orphans() > 0) {
            holders.add(slots.orphans() + " left behind when a connection was lost");
        }
        return holders.isEmpty() ? "" : "Held by " + String.join(", ", holders);
    }

    private static String holder(PooledSession session, Predicate<String> mayUse, long now) {
        if (session.isEnding()) {
            return "one that is being closed";
        }
        if (!session.isOpen()) {
            return session.arriving().stream()
                            .map(wait -> cut(wait.order().wanted().caller()))
                            .distinct()
                            .collect(Collectors.joining(" and "))
                    + " (being opened)";
        }
        String restored = session.session().state() instanceof SessionState.Active ? "" : ", being restored";
        String used = ", used " + Duration.ofNanos(now - session.lastUsed()).toSeconds() + " s ago" + restored;
        if (session.handles().isEmpty()) {
            return "nobody (kept for --linger" + used + ")";
        }
        return session.handles().stream()
                        .map(handle -> cut(handle.owner()))
                        .distinct()
                        .collect(Collectors.joining(" and "))
                + " (" + handles(session.handles(), mayUse) + used + ")";
    }

    /** Of several the one used last, which is the one that the session's last use tells about. */
    private static String handles(Collection<SessionHandle> handles, Predicate<String> mayUse) {
        int count = handles.size();
        SessionHandle latest = handles.iterator().next();
        for (SessionHandle handle : handles) {
            latest = handle.lastUsedNanos() - latest.lastUsedNanos() > 0 ? handle : latest;
        }
        if (!mayUse.test(latest.owner())) {
            return count + (count == 1 ? " handle" : " handles");
        }
        String found = found(latest.connection(), latest.id());
        return count == 1 ? found : count + " handles, latest " + found;
    }

    private static String cut(String name) {
        return name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name;
    }
}
