package io.github.opcuasm.daemon.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.AlarmTransition;
import io.github.opcuasm.daemon.AlarmTransition.Kind;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Variant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Part 9, 5.5: an event of a condition carries its whole state; what changed is found by comparing. */
final class AlarmTransitionsTest {
    private static final NodeId PUMP = NodeId.text(2, "Pump");
    private static final NodeId UNSHELVED = NodeId.numeric(0, 2929);
    private static final NodeId ONE_SHOT_SHELVED = NodeId.numeric(0, 2932);

    private final AlarmTransitions transitions = new AlarmTransitions();

    @Test
    void anAlarmGoesFromActiveToConfirmed() {
        assertThat(kinds(state(true, false, true, 800))).containsExactly(Kind.ACTIVATED, Kind.UNACKNOWLEDGED);
        assertThat(kinds(state(true, false, true, 900))).containsExactly(Kind.SEVERITY_CHANGED);
        assertThat(kinds(state(false, false, true, 900))).containsExactly(Kind.DEACTIVATED);
        assertThat(kinds(state(false, true, false, 900))).containsExactly(Kind.ACKNOWLEDGED, Kind.UNCONFIRMED);
        assertThat(kinds(with(state(false, true, true, 900), "Retain", false)))
                .containsExactly(Kind.CONFIRMED, Kind.ENDED);
    }

    /** ConditionRefresh sends the present states again (Part 9, 5.5.7). */
    @Test
    void aRepeatedStateIsNoTransition() {
        assertThat(kinds(state(true, false, true, 800))).isNotEmpty();

        assertThat(kinds(state(true, false, true, 800))).isEmpty();
    }

    @Test
    void theFirstThatIsHeardOfAConditionIsComparedWithAQuietOne() {
        assertThat(kinds(state(false, true, true, 800))).isEmpty();

        AlarmTransition first = transitions
                .of(with(state(true, true, true, 500), "ConditionId", NodeId.text(2, "Valve")))
                .get(0);
        AlarmTransition known = transitions.of(state(true, true, true, 800)).get(0);

        assertThat(first.kind()).isEqualTo(Kind.ACTIVATED);
        assertThat(first.first()).isTrue();
        assertThat(first.severity()).isEqualTo(500);
        assertThat(known.first()).isFalse();
    }

    @Test
    void shelvingIsToldByTheStateOfItsMachine() {
        assertThat(kinds(shelving(UNSHELVED))).isEmpty();
        assertThat(kinds(shelving(ONE_SHOT_SHELVED))).containsExactly(Kind.SHELVED);
        assertThat(kinds(shelving(UNSHELVED))).containsExactly(Kind.UNSHELVED);
    }

    /** A branch is a former state that still wants attention; it changes nothing of the present one (Part 9, 4.6). */
    @Test
    void branchesOfAConditionAreApart() {
        NodeId branch = NodeId.numeric(2, 17);
        assertThat(kinds(state(true, false, true, 800))).isNotEmpty();

        List<AlarmTransition> ofBranch = transitions.of(with(state(true, true, true, 800), "BranchId", branch));

        assertThat(ofBranch).singleElement().satisfies(transition -> {
            assertThat(transition.kind()).isEqualTo(Kind.ACTIVATED);
            assertThat(transition.conditionId()).isEqualTo(PUMP);
            assertThat(transition.branchId()).isEqualTo(branch);
        });
        assertThat(kinds(state(true, false, true, 800))).isEmpty();
        assertThat(kinds(with(state(true, true, true, 800), "BranchId", NodeId.NULL)))
                .containsExactly(Kind.ACKNOWLEDGED);
    }

    @Test
    void whatIsNotSelectedOrNullTellsNothing() {
        assertThat(kinds(state(true, false, true, 800))).isNotEmpty();

        Map<String, Variant> nulls = new HashMap<>();
        nulls.put("ConditionId", Variant.scalar(BuiltinType.NODE_ID, PUMP));
        nulls.put("ActiveState/Id", Variant.NULL);

        assertThat(kinds(nulls)).isEmpty();
        assertThat(kinds(state(false, false, true, 800))).containsExactly(Kind.DEACTIVATED);
        assertThat(kinds(Map.of("ActiveState/Id", Variant.scalar(BuiltinType.BOOLEAN, true))))
                .isEmpty();
    }

    @Test
    void ofManyConditionsThoseHeardOfLongestAgoAreForgotten() {
        for (int number = 0; number <= AlarmTransitions.MAX_KNOWN; number++) {
            assertThat(kinds(with(state(true, true, true, 800), "ConditionId", NodeId.numeric(2, number + 1))))
                    .containsExactly(Kind.ACTIVATED);
        }

        assertThat(kinds(with(state(true, true, true, 800), "ConditionId", NodeId.numeric(2, 2))))
                .isEmpty();
        assertThat(kinds(with(state(true, true, true, 800), "ConditionId", NodeId.numeric(2, 1))))
                .containsExactly(Kind.ACTIVATED);
    }

    private List<Kind> kinds(Map<String, Variant> fields) {
        return transitions.of(fields).stream().map(AlarmTransition::kind).toList();
    }

    private static Map<String, Variant> state(boolean active, boolean acked, boolean confirmed, int severity) {
        Map<String, Variant> fields = new HashMap<>();
        fields.put("ConditionId", Variant.scalar(BuiltinType.NODE_ID, PUMP));
        fields.put("ActiveState/Id", Variant.scalar(BuiltinType.BOOLEAN, active));
        fields.put("AckedState/Id", Variant.scalar(BuiltinType.BOOLEAN, acked));
        fields.put("ConfirmedState/Id", Variant.scalar(BuiltinType.BOOLEAN, confirmed));
        fields.put("Severity", Variant.scalar(BuiltinType.UINT16, severity));
        fields.put("Retain", Variant.scalar(BuiltinType.BOOLEAN, true));
        return fields;
    }

    private static Map<String, Variant> shelving(NodeId state) {
        Map<String, Variant> fields = new HashMap<>();
        fields.put("ConditionId", Variant.scalar(BuiltinType.NODE_ID, PUMP));
        fields.put("ShelvingState/CurrentState/Id", Variant.scalar(BuiltinType.NODE_ID, state));
        return fields;
    }

    private static Map<String, Variant> with(Map<String, Variant> fields, String name, Object value) {
        BuiltinType type = value instanceof Boolean ? BuiltinType.BOOLEAN : BuiltinType.NODE_ID;
        fields.put(name, Variant.scalar(type, value));
        return fields;
    }
}
