package io.github.opcuasm.daemon.publish;

import io.github.opcuasm.daemon.AlarmTransition;
import io.github.opcuasm.daemon.AlarmTransition.Kind;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changed of conditions, told from their events (Part 9, 5.5). An event of a condition carries its state as a whole, so
 * each is compared with the one before of the same ConditionId and BranchId: what differs is a transition. An event that
 * repeats a state, as those of a refresh do, is none; a change that happened while nothing was heard is one when the next
 * event tells of it. A field that is not selected, or is null, tells nothing.
 *
 * <p>What is not known yet counts as quiet: inactive, acknowledged, confirmed, unshelved, not suppressed, enabled, and not
 * ended. A severity that is not known yet does not change.
 *
 * <p>The {@value #MAX_KNOWN} conditions and branches that were heard of last are remembered. Not thread-safe.
 */
final class AlarmTransitions {
    static final int MAX_KNOWN = 10_000;

    private static final NodeId UNSHELVED = NodeId.numeric(0, 2929);

    private final Map<Identity, State> known = new LinkedHashMap<>(16, 0.75f, true);

    private record Identity(NodeId condition, @Nullable NodeId branch) {}

    /** What can be true or not, and what it is taken for before anything is heard. */
    private enum Flag {
        ENABLED("EnabledState/Id", true, Kind.ENABLED, Kind.DISABLED),
        ACTIVE("ActiveState/Id", false, Kind.ACTIVATED, Kind.DEACTIVATED),
        SUPPRESSED("SuppressedState/Id", false, Kind.SUPPRESSED, Kind.UNSUPPRESSED),
        SHELVED("ShelvingState/CurrentState/Id", false, Kind.SHELVED, Kind.UNSHELVED),
        ACKED("AckedState/Id", true, Kind.ACKNOWLEDGED, Kind.UNACKNOWLEDGED),
        CONFIRMED("ConfirmedState/Id", true, Kind.CONFIRMED, Kind.UNCONFIRMED);

        private final String field;
        private final boolean quiet;
        private final Kind becameTrue;
        private final Kind becameFalse;

        Flag(String field, boolean quiet, Kind becameTrue, Kind becameFalse) {
            this.field = field;
            this.quiet = quiet;
            this.becameTrue = becameTrue;
            this.becameFalse = becameFalse;
        }
    }

    private static final class State {
        private final Map<Flag, Boolean> flags = new EnumMap<>(Flag.class);
        private @Nullable Integer severity;
        private boolean retained = true;
    }

    /**
     * What changed with an event: kinds in the order in which a condition goes through them.
     *
     * @param fields by the names of the select clauses; {@code ConditionId} must be among them
     * @return nothing for an event that is none of a condition
     */
    List<AlarmTransition> of(Map<String, Variant> fields) {
        if (!(value(fields, "ConditionId") instanceof NodeId condition) || condition.isNull()) {
            return List.of();
        }
        NodeId branch = value(fields, "BranchId") instanceof NodeId id && !id.isNull() ? id : null;
        Identity identity = new Identity(condition, branch);
        State before = known.get(identity);
        boolean first = before == null;
        State state = before == null ? new State() : before;
        List<Kind> kinds = changes(state, fields, first);
        known.put(identity, state);
        if (known.size() > MAX_KNOWN) {
            known.remove(known.keySet().iterator().next());
        }
        DateTime time = value(fields, "Time") instanceof DateTime occurred ? occurred : null;
        Integer severity = value(fields, "Severity") instanceof Integer number ? number : null;
        return kinds.stream()
                .map(kind -> new AlarmTransition(kind, condition, branch, first, time, severity, fields))
                .toList();
    }

    private static List<Kind> changes(State state, Map<String, Variant> fields, boolean first) {
        List<Kind> kinds = new ArrayList<>(2);
        for (Flag flag : Flag.values()) {
            if (flag == Flag.SUPPRESSED) {
                severity(state, fields, kinds);
            }
            Boolean now = flag(fields, flag);
            if (now != null) {
                boolean before = state.flags.getOrDefault(flag, flag.quiet);
                state.flags.put(flag, now);
                if (now != before) {
                    kinds.add(now ? flag.becameTrue : flag.becameFalse);
                }
            }
        }
        if (value(fields, "Retain") instanceof Boolean retain) {
            if (!retain && state.retained && !first) {
                kinds.add(Kind.ENDED);
            }
            state.retained = retain;
        }
        return kinds;
    }

    private static void severity(State state, Map<String, Variant> fields, List<Kind> kinds) {
        if (value(fields, "Severity") instanceof Integer now) {
            if (state.severity != null && !now.equals(state.severity)) {
                kinds.add(Kind.SEVERITY_CHANGED);
            }
            state.severity = now;
        }
    }

    private static @Nullable Boolean flag(Map<String, Variant> fields, Flag flag) {
        Object value = value(fields, flag.field);
        if (flag == Flag.SHELVED && value instanceof NodeId state && !state.isNull()) {
            return !state.equals(UNSHELVED);
        }
        return value instanceof Boolean set ? set : null;
    }

    private static @Nullable Object value(Map<String, Variant> fields, String name) {
        Variant field = fields.get(name);
        return field == null ? null : field.value();
    }
}
