package io.github.opcuasm.daemon.access;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether something may be done, and why.
 *
 * @param rule what allows it, or what alone forbids it; null if it is for lack of a rule
 * @param reasons for people, one sentence each, without a full stop
 */
public record Verdict(boolean allowed, @Nullable String rule, List<String> reasons) {
    private static final int MAX_SHOWN_REASONS = 3;

    public Verdict {
        reasons = List.copyOf(reasons);
    }

    static Verdict allowedBy(String rule) {
        return new Verdict(true, rule, List.of(rule + " allows it"));
    }

    static Verdict deniedBy(String rule, String reason) {
        return new Verdict(false, rule, List.of(reason));
    }

    static Verdict denied(List<String> reasons) {
        return new Verdict(false, null, reasons);
    }

    /**
     * The refusal.
     *
     * @param what was asked for, to begin the message with
     * @param whom it is refused to
     */
    public CommandException refusal(String what, String whom) {
        StringBuilder message = new StringBuilder(what)
                .append(" is not allowed to ")
                .append(whom)
                .append(": ")
                .append(String.join("; ", reasons.subList(0, Math.min(MAX_SHOWN_REASONS, reasons.size()))));
        if (reasons.size() > MAX_SHOWN_REASONS) {
            message.append("; and ").append(reasons.size() - MAX_SHOWN_REASONS).append(" more");
        }
        return new CommandException(
                ErrorType.ACCESS_DENIED,
                message.append(". A rule in the section access or a token with the scope can allow it")
                        .toString());
    }
}
