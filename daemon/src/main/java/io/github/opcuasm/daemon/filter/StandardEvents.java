package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the specification says of events: the types in namespace 0, and which fields of theirs are of which built-in type. */
public final class StandardEvents {
    /** Names of types with their numeric ids (Part 6, A.3). */
    private static final String TYPES = """
            AcknowledgeableConditionType 2881, AlarmConditionType 2915, AuditActivateSessionEventType 2075,
            AuditAddNodesEventType 2091, AuditAddReferencesEventType 2095, AuditCancelEventType 2078,
            AuditCertificateDataMismatchEventType 2082, AuditCertificateEventType 2080,
            AuditCertificateExpiredEventType 2085, AuditCertificateInvalidEventType 2086,
            AuditCertificateMismatchEventType 2089, AuditCertificateRevokedEventType 2088,
            AuditCertificateUntrustedEventType 2087, AuditChannelEventType 2059, AuditClientEventType 23606,
            AuditClientUpdateMethodResultEventType 23926, AuditConditionAcknowledgeEventType 8944,
            AuditConditionCommentEventType 2829, AuditConditionConfirmEventType 8961,
            AuditConditionEnableEventType 2803, AuditConditionEventType 2790,
            AuditConditionOutOfServiceEventType 17259, AuditConditionResetEventType 15013,
            AuditConditionRespondEventType 8927, AuditConditionShelvingEventType 11093,
            AuditConditionSilenceEventType 17242, AuditConditionSuppressionEventType 17225,
            AuditCreateSessionEventType 2071, AuditDeleteNodesEventType 2093, AuditDeleteReferencesEventType 2097,
            AuditEventType 2052, AuditHistoryAnnotationUpdateEventType 19095,
            AuditHistoryAtTimeDeleteEventType 3019, AuditHistoryBulkInsertEventType 32803,
            AuditHistoryConfigurationChangeEventType 32758, AuditHistoryDeleteEventType 3012,
            AuditHistoryEventDeleteEventType 3022, AuditHistoryEventUpdateEventType 2999,
            AuditHistoryRawModifyDeleteEventType 3014, AuditHistoryUpdateEventType 2104,
            AuditHistoryValueUpdateEventType 3006, AuditNodeManagementEventType 2090,
            AuditOpenSecureChannelEventType 2060, AuditProgramTransitionEventType 11856,
            AuditSecurityEventType 2058, AuditSessionEventType 2069, AuditUpdateEventType 2099,
            AuditUpdateMethodEventType 2127, AuditUpdateStateEventType 2315, AuditUrlMismatchEventType 2748,
            AuditWriteUpdateEventType 2100, BaseEventType 2041, BaseModelChangeEventType 2132,
            CertificateExpirationAlarmType 13225, CertificateUpdateRequestedAuditEventType 32306,
            CertificateUpdatedAuditEventType 12620, ConditionType 2782, DeviceFailureEventType 2131,
            DialogConditionType 2830, DiscrepancyAlarmType 17080, DiscreteAlarmType 10523,
            EventQueueOverflowEventType 3035, ExclusiveDeviationAlarmType 9764, ExclusiveLevelAlarmType 9482,
            ExclusiveLimitAlarmType 9341, ExclusiveRateOfChangeAlarmType 9623, GeneralModelChangeEventType 2133,
            InstrumentDiagnosticAlarmType 18347, KeyCredentialAuditEventType 18011,
            KeyCredentialDeletedAuditEventType 18047, KeyCredentialUpdatedAuditEventType 18029,
            LimitAlarmType 2955, NonExclusiveDeviationAlarmType 10368, NonExclusiveLevelAlarmType 10060,
            NonExclusiveLimitAlarmType 9906, NonExclusiveRateOfChangeAlarmType 10214, OffNormalAlarmType 10637,
            ProgramTransitionAuditEventType 3806, ProgramTransitionEventType 2378, ProgressEventType 11436,
            PubSubCommunicationFailureEventType 15563, PubSubStatusEventType 15535,
            PubSubTransportLimitsExceedEventType 15548, RefreshEndEventType 2788, RefreshRequiredEventType 2789,
            RefreshStartEventType 2787, RoleMappingRuleChangedAuditEventType 17641,
            SemanticChangeEventType 2738, SystemDiagnosticAlarmType 18496, SystemEventType 2130,
            SystemOffNormalAlarmType 11753, SystemStatusChangeEventType 11446, TransitionEventType 2311,
            TripAlarmType 10751, TrustListOutOfDateAlarmType 19297, TrustListUpdateRequestedAuditEventType 32260,
            TrustListUpdatedAuditEventType 12561
            """;

    /** Fields whose values a plain literal is converted to; texts need none: a server compares a LocalizedText as String. */
    private static final String FIELDS = """
            EventId ByteString, EventType NodeId, SourceNode NodeId, SourceName String, Time DateTime,
            ReceiveTime DateTime, Severity UInt16, ConditionClassId NodeId, ConditionId NodeId, BranchId NodeId,
            ConditionName String, Retain Boolean, Quality StatusCode, LastSeverity UInt16, ClientUserId String,
            Quality/SourceTimestamp DateTime, LastSeverity/SourceTimestamp DateTime,
            Comment/SourceTimestamp DateTime, EnabledState/Id Boolean, AckedState/Id Boolean,
            ConfirmedState/Id Boolean, ActiveState/Id Boolean, SuppressedState/Id Boolean,
            OutOfServiceState/Id Boolean, SilenceState/Id Boolean, LatchedState/Id Boolean, DialogState/Id Boolean,
            ActiveState/TransitionTime DateTime, AckedState/TransitionTime DateTime,
            ConfirmedState/TransitionTime DateTime, EnabledState/TransitionTime DateTime,
            ShelvingState/CurrentState/Id NodeId, LimitState/CurrentState/Id NodeId, InputNode NodeId,
            SuppressedOrShelved Boolean, MaxTimeShelved Double, HighHighLimit Double, HighLimit Double,
            LowLimit Double, LowLowLimit Double, ActionTimeStamp DateTime, Status Boolean, ServerId String,
            ClientAuditEntryId String, Progress UInt16
            """;

    private static final Map<String, NodeId> TYPE_IDS = types();
    private static final Map<String, BuiltinType> FIELD_TYPES = fields();

    private StandardEvents() {}

    /** The type of this name in namespace 0. */
    static @Nullable NodeId type(String name) {
        return TYPE_IDS.get(name);
    }

    /** The names of the types in namespace 0. */
    public static Collection<String> typeNames() {
        return TYPE_IDS.keySet();
    }

    /** The type of a field's value, where the specification has the field. */
    static @Nullable BuiltinType fieldType(EventField field) {
        List<QualifiedName> path = field.path();
        if (!field.isValue() || path.stream().anyMatch(name -> name.namespaceIndex() != 0)) {
            return null;
        }
        return FIELD_TYPES.get(
                String.join("/", path.stream().map(QualifiedName::name).toList()));
    }

    private static Map<String, NodeId> types() {
        Map<String, NodeId> types = new TreeMap<>();
        for (String entry : TYPES.split(",", -1)) {
            String[] row = entry.strip().split(" ", 2);
            types.put(row[0], NodeId.numeric(0, Long.parseLong(row[1])));
        }
        return Map.copyOf(types);
    }

    private static Map<String, BuiltinType> fields() {
        Map<String, BuiltinType> fields = new TreeMap<>();
        for (String entry : FIELDS.split(",", -1)) {
            String[] row = entry.strip().split(" ", 2);
            fields.put(row[0], BuiltinType.ofName(row[1]).orElseThrow());
        }
        return Map.copyOf(fields);
    }
}
