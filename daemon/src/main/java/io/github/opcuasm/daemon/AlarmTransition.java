package io.github.opcuasm.daemon;

import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Variant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a condition, or of one of its branches, between two of its events (Part 9, 4.4 and 5.5). A condition that
 * was not heard of before is taken to have been inactive, acknowledged, confirmed, unshelved, not suppressed and enabled.
 *
 * @param conditionId the condition
 * @param branchId a former state of it that still wants attention; null for the present one
 * @param first whether the condition was not heard of before: the change may be older than this event
 * @param time when the event occurred; null if it did not say, or {@code Time} is not among the fields
 * @param severity 1 to 1000; null as above
 * @param fields of the event
 */
public record AlarmTransition(
        Kind kind,
        NodeId conditionId,
        @Nullable NodeId branchId,
        boolean first,
        @Nullable DateTime time,
        @Nullable Integer severity,
        Map<String, Variant> fields) {

    /** What changed, and the field that tells: a kind whose field is not selected does not occur. */
    public enum Kind {
        /** {@code EnabledState/Id} became true. */
        ENABLED,
        /** {@code EnabledState/Id} became false. */
        DISABLED,
        /** {@code ActiveState/Id} became true. */
        ACTIVATED,
        /** {@code ActiveState/Id} became false. */
        DEACTIVATED,
        /** {@code Severity} changed. */
        SEVERITY_CHANGED,
        /** {@code SuppressedState/Id} became true. */
        SUPPRESSED,
        /** {@code SuppressedState/Id} became false. */
        UNSUPPRESSED,
        /** {@code ShelvingState/CurrentState/Id} became one of the shelved states. */
        SHELVED,
        /** {@code ShelvingState/CurrentState/Id} became Unshelved. */
        UNSHELVED,
        /** {@code AckedState/Id} became false: it wants to be acknowledged. */
        UNACKNOWLEDGED,
        /** {@code AckedState/Id} became true. */
        ACKNOWLEDGED,
        /** {@code ConfirmedState/Id} became false: it wants to be confirmed. */
        UNCONFIRMED,
        /** {@code ConfirmedState/Id} became true. */
        CONFIRMED,
        /** {@code Retain} became false: there is nothing left to do about it. */
        ENDED
    }
}
