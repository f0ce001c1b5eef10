package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What somebody is told who got no session: how many the server gives, and who has them. No ids, no secrets. */
final class SlotHolders {
    private static final int MAX_MESSAGE = 500;
    private static final int MAX_NAME = 60;

    private SlotHolders() {}

    /** The failure of an order after {@code waited} nanoseconds. */
    static CommandException failure(ServerSlots slots, long waited, long now) {
        boolean learned = slots.learned() != null && !slots.isConfiguredFull();
        String message =
                "No free session on " + slots.server() + within(waited) + ": " + reason(slots) + held(slots, now);
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

    private static String held(ServerSlots slots, long now) {
        List<String> holders = new ArrayList<>();
        slots.sessions().forEach(session -> holders.add(holder(session, now)));
        if (slots.orphans() > 0) {
            holders.add(slots.orphans() + " left behind when a connection was lost");
        }
        return holders.isEmpty() ? "" : "Held by " + String.join(", ", holders);
    }

    private static String holder(PooledSession session, long now) {
        if (session.isEnding()) {
            return "one that is being closed";
        }
        if (!session.isOpen()) {
            return session.arriving().stream()
                            .map(wait -> cut(wait.order().caller()))
                            .distinct()
                            .collect(Collectors.joining(" and "))
                    + " (being opened)";
        }
        String restored = session.session().state() instanceof SessionState.Active ? "" : ", being restored";
        String used = ", used " + Duration.ofNanos(now - session.lastUsed()).toSeconds() + " s ago" + restored;
        if (session.handles().isEmpty()) {
            return "nobody (kept for --linger" + used + ")";
        }
        int count = session.handles().size();
        return session.handles().stream()
                        .map(handle -> cut(handle.owner()))
                        .distinct()
                        .collect(Collectors.joining(" and "))
                + " (" + count + (count == 1 ? " handle" : " handles") + used + ")";
    }

    private static String cut(String name) {
        return name.length() > MAX_NAME ? name.substring(0, MAX_NAME) + "…" : name;
    }
}
