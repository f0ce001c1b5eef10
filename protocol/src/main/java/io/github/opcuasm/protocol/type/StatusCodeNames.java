package io.github.opcuasm.protocol.type;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The status codes that are met in practice, by their names (Part 6, A.2). */
final class StatusCodeNames {
    /** The upper 16 bits of each code, and its name. */
    private static final String TABLE = """
            0000 Good, 002D Good_SubscriptionTransferred, 002E Good_CompletesAsynchronously, 002F Good_Overload,
            0030 Good_Clamped, 0096 Good_LocalOverride, 00A2 Good_EntryInserted, 00A3 Good_EntryReplaced,
            00A5 Good_NoData, 00A6 Good_MoreData, 00A9 Good_CallAgain, 00BA Good_ResultsMayBeIncomplete,
            00D9 Good_DataIgnored, 00DC Good_Edited, 00DF Good_RetransmissionQueueNotSupported, 4000 Uncertain,
            406C Uncertain_ReferenceOutOfServer, 408F Uncertain_NoCommunicationLastUsableValue,
            4090 Uncertain_LastUsableValue, 4091 Uncertain_SubstituteValue, 4092 Uncertain_InitialValue,
            4093 Uncertain_SensorNotAccurate, 4094 Uncertain_EngineeringUnitsExceeded, 4095 Uncertain_SubNormal,
            40A4 Uncertain_DataSubNormal, 40BC Uncertain_ReferenceNotDeleted,
            40C0 Uncertain_NotAllNodesAvailable, 8000 Bad, 8001 Bad_UnexpectedError, 8002 Bad_InternalError,
            8003 Bad_OutOfMemory, 8004 Bad_ResourceUnavailable, 8005 Bad_CommunicationError,
            8006 Bad_EncodingError, 8007 Bad_DecodingError, 8008 Bad_EncodingLimitsExceeded,
            8009 Bad_UnknownResponse, 800A Bad_Timeout, 800B Bad_ServiceUnsupported, 800C Bad_Shutdown,
            800D Bad_ServerNotConnected, 800E Bad_ServerHalted, 800F Bad_NothingToDo, 8010 Bad_TooManyOperations,
            8011 Bad_DataTypeIdUnknown, 8012 Bad_CertificateInvalid, 8013 Bad_SecurityChecksFailed,
            8014 Bad_CertificateTimeInvalid, 8015 Bad_CertificateIssuerTimeInvalid,
            8016 Bad_CertificateHostNameInvalid, 8017 Bad_CertificateUriInvalid,
            8018 Bad_CertificateUseNotAllowed, 8019 Bad_CertificateIssuerUseNotAllowed,
            801A Bad_CertificateUntrusted, 801B Bad_CertificateRevocationUnknown,
            801C Bad_CertificateIssuerRevocationUnknown, 801D Bad_CertificateRevoked,
            801E Bad_CertificateIssuerRevoked, 801F Bad_UserAccessDenied, 8020 Bad_IdentityTokenInvalid,
            8021 Bad_IdentityTokenRejected, 8022 Bad_SecureChannelIdInvalid, 8023 Bad_InvalidTimestamp,
            8024 Bad_NonceInvalid, 8025 Bad_SessionIdInvalid, 8026 Bad_SessionClosed,
            8027 Bad_SessionNotActivated, 8028 Bad_SubscriptionIdInvalid, 802A Bad_RequestHeaderInvalid,
            802B Bad_TimestampsToReturnInvalid, 802C Bad_RequestCancelledByClient, 8031 Bad_NoCommunication,
            8032 Bad_WaitingForInitialData, 8033 Bad_NodeIdInvalid, 8034 Bad_NodeIdUnknown,
            8035 Bad_AttributeIdInvalid, 8036 Bad_IndexRangeInvalid, 8037 Bad_IndexRangeNoData,
            8038 Bad_DataEncodingInvalid, 8039 Bad_DataEncodingUnsupported, 803A Bad_NotReadable,
            803B Bad_NotWritable, 803C Bad_OutOfRange, 803D Bad_NotSupported, 803E Bad_NotFound,
            803F Bad_ObjectDeleted, 8040 Bad_NotImplemented, 8041 Bad_MonitoringModeInvalid,
            8042 Bad_MonitoredItemIdInvalid, 8043 Bad_MonitoredItemFilterInvalid,
            8044 Bad_MonitoredItemFilterUnsupported, 8045 Bad_FilterNotAllowed, 8046 Bad_StructureMissing,
            8047 Bad_EventFilterInvalid, 8048 Bad_ContentFilterInvalid, 8049 Bad_FilterOperandInvalid,
            804A Bad_ContinuationPointInvalid, 804B Bad_NoContinuationPoints, 804C Bad_ReferenceTypeIdInvalid,
            804D Bad_BrowseDirectionInvalid, 804E Bad_NodeNotInView, 804F Bad_ServerUriInvalid,
            8050 Bad_ServerNameMissing, 8051 Bad_DiscoveryUrlMissing, 8053 Bad_RequestTypeInvalid,
            8054 Bad_SecurityModeRejected, 8055 Bad_SecurityPolicyRejected, 8056 Bad_TooManySessions,
            8057 Bad_UserSignatureInvalid, 8058 Bad_ApplicationSignatureInvalid, 8059 Bad_NoValidCertificates,
            805A Bad_RequestCancelledByRequest, 805B Bad_ParentNodeIdInvalid, 805C Bad_ReferenceNotAllowed,
            805D Bad_NodeIdRejected, 805E Bad_NodeIdExists, 805F Bad_NodeClassInvalid,
            8060 Bad_BrowseNameInvalid, 8061 Bad_BrowseNameDuplicated, 8062 Bad_NodeAttributesInvalid,
            8063 Bad_TypeDefinitionInvalid, 8064 Bad_SourceNodeIdInvalid, 8065 Bad_TargetNodeIdInvalid,
            8066 Bad_DuplicateReferenceNotAllowed, 8067 Bad_InvalidSelfReference, 8068 Bad_ReferenceLocalOnly,
            8069 Bad_NoDeleteRights, 806A Bad_ServerIndexInvalid, 806B Bad_ViewIdUnknown,
            806D Bad_TooManyMatches, 806E Bad_QueryTooComplex, 806F Bad_NoMatch, 8070 Bad_MaxAgeInvalid,
            8071 Bad_HistoryOperationInvalid, 8072 Bad_HistoryOperationUnsupported, 8073 Bad_WriteNotSupported,
            8074 Bad_TypeMismatch, 8075 Bad_MethodInvalid, 8076 Bad_ArgumentsMissing,
            8077 Bad_TooManySubscriptions, 8078 Bad_TooManyPublishRequests, 8079 Bad_NoSubscription,
            807A Bad_SequenceNumberUnknown, 807B Bad_MessageNotAvailable, 807C Bad_InsufficientClientProfile,
            807D Bad_TcpServerTooBusy, 807E Bad_TcpMessageTypeInvalid, 807F Bad_TcpSecureChannelUnknown,
            8080 Bad_TcpMessageTooLarge, 8081 Bad_TcpNotEnoughResources, 8082 Bad_TcpInternalError,
            8083 Bad_TcpEndpointUrlInvalid, 8084 Bad_RequestInterrupted, 8085 Bad_RequestTimeout,
            8086 Bad_SecureChannelClosed, 8087 Bad_SecureChannelTokenUnknown, 8088 Bad_SequenceNumberInvalid,
            8089 Bad_ConfigurationError, 808A Bad_NotConnected, 808B Bad_DeviceFailure, 808C Bad_SensorFailure,
            808D Bad_OutOfService, 808E Bad_DeadbandFilterInvalid, 809B Bad_NoData, 809D Bad_DataLost,
            809E Bad_DataUnavailable, 809F Bad_EntryExists, 80A0 Bad_NoEntryExists,
            80A1 Bad_TimestampNotSupported, 80AB Bad_InvalidArgument, 80AC Bad_ConnectionRejected,
            80AD Bad_Disconnect, 80AE Bad_ConnectionClosed, 80AF Bad_InvalidState, 80B0 Bad_EndOfStream,
            80B1 Bad_NoDataAvailable, 80B2 Bad_WaitingForResponse, 80B3 Bad_OperationAbandoned,
            80B4 Bad_ExpectedStreamToBlock, 80B5 Bad_WouldBlock, 80B6 Bad_SyntaxError,
            80B7 Bad_MaxConnectionsReached, 80B8 Bad_RequestTooLarge, 80B9 Bad_ResponseTooLarge,
            80BD Bad_InvalidTimestampArgument, 80BE Bad_ProtocolVersionUnsupported, 80BF Bad_StateNotActive,
            80C1 Bad_FilterOperatorInvalid, 80C2 Bad_FilterOperatorUnsupported,
            80C3 Bad_FilterOperandCountMismatch, 80C4 Bad_FilterElementInvalid, 80C5 Bad_FilterLiteralInvalid,
            80C6 Bad_IdentityChangeNotSupported, 80C8 Bad_NotTypeDefinition,
            80C9 Bad_ViewTimestampInvalid, 80CA Bad_ViewParameterMismatch, 80CB Bad_ViewVersionInvalid,
            80D4 Bad_AggregateListMismatch, 80D5 Bad_AggregateNotSupported, 80D6 Bad_AggregateInvalidInputs,
            80D7 Bad_BoundNotFound, 80D8 Bad_BoundNotSupported,
            80DA Bad_AggregateConfigurationRejected, 80DB Bad_TooManyMonitoredItems, 80E4 Bad_RequestNotAllowed,
            80E5 Bad_TooManyArguments, 80E6 Bad_SecurityModeInsufficient, 80EA Bad_IndexRangeDataMismatch,
            810D Bad_CertificateChainIncomplete, 810E Bad_LicenseExpired, 810F Bad_LicenseLimitsExceeded,
            8110 Bad_LicenseNotAvailable, 8111 Bad_NotExecutable, 8112 Bad_NumericOverflow,
            8114 Bad_CertificatePolicyCheckFailed, 8115 Bad_AlreadyExists
            """;

    private static final Map<Integer, String> BY_CODE = parse();

    private StatusCodeNames() {}

    /** @param code the upper 16 bits of a status code */
    static @Nullable String of(int code) {
        return BY_CODE.get(code);
    }

    private static Map<Integer, String> parse() {
        Map<Integer, String> names = new TreeMap<>();
        for (String entry : TABLE.split(",", -1)) {
            String row = entry.strip();
            names.put(Integer.parseInt(row, 0, 4, 16), row.substring(5));
        }
        return Map.copyOf(names);
    }
}
