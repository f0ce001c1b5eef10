package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link ResultWriter} writes, {@link ResultReader} reads back, in both protocols. */
final class ResultRoundTripTest {
    private static final StatusCode BAD = new StatusCode(0x80340000L);
    private static final DateTime TIME = DateTime.of(Instant.parse("2026-05-15T10:30:00.123456Z"));
    private static final ReferenceDescription REFERENCE = new ReferenceDescription(
            NodeId.numeric(0, 35),
            true,
            new ExpandedNodeId(NodeId.text(0, "Speed"), "urn:other", 1),
            new QualifiedName(2, "Speed"),
            new LocalizedText("en", "Speed"),
            2,
            ExpandedNodeId.NULL);
    private static final Notification CHANGE =
            new Notification.DataChange(7, new DataValue(Variant.scalar(BuiltinType.DOUBLE, 1.5), BAD, TIME, null));
    private static final Notification EVENT =
            new Notification.Event(8, List.of(Variant.NULL, Variant.scalar(BuiltinType.UINT16, 700)));

    private static Arguments row(Object result, Function<JsonValue, ?> reader) {
        return Arguments.of(result, reader);
    }

    static Stream<Arguments> results() {
        return Stream.of(
                row(new BrowseResultSet(List.of(REFERENCE), "point"), ResultReader::browseResultSet),
                row(new BrowseResultSet(List.of(), null), ResultReader::browseResultSet),
                row(new BrowseNode(REFERENCE, List.of(new BrowseNode(REFERENCE, List.of()))), ResultReader::browseNode),
                row(
                        new BrowsePathResult(
                                StatusCode.GOOD,
                                List.of(new BrowsePathTarget(ExpandedNodeId.local(NodeId.numeric(2, 5)), 4294967295L))),
                        ResultReader::browsePathResult),
                row(
                        new CallResult(
                                BAD, List.of(StatusCode.GOOD, BAD), List.of(Variant.scalar(BuiltinType.INT32, 1))),
                        ResultReader::callResult),
                row(
                        new EndpointDescription(
                                "opc.tcp://a",
                                ByteString.copyOf(new byte[] {1, 2}),
                                3,
                                "policy",
                                200,
                                null,
                                List.of(new UserTokenPolicy("u", 1, null, null, "policy"))),
                        ResultReader::endpointDescription),
                row(new SubscriptionResult(3, 500.5, 2400, 10), ResultReader::subscriptionResult),
                row(
                        new MonitoredItemResult(StatusCode.GOOD, 1, -1.0, 10, List.of("where: refused")),
                        ResultReader::monitoredItemResult),
                row(new MonitoredItemModifyResult(BAD, 0.0, 0, List.of()), ResultReader::monitoredItemModifyResult),
                row(new SetTriggeringResult(List.of(BAD), List.of()), ResultReader::setTriggeringResult),
                row(
                        new PublishResult(
                                3,
                                4,
                                true,
                                List.of(CHANGE, EVENT),
                                List.of(2L, 4L),
                                1,
                                9,
                                new PublishResult.Gap(TIME, null, "restart")),
                        ResultReader::publishResult),
                row(new RepublishResult(4, TIME, List.of(CHANGE)), ResultReader::republishResult),
                row(new TransferResult(BAD, List.of(1L)), ResultReader::transferResult));
    }

    private static JsonValue written(Object result, JsonStyle style) {
        byte[] json = JsonEncoder.toBytes(out -> ResultWriter.write(out, result), style);
        return JsonReader.readValue(json, 0, json.length);
    }

    @ParameterizedTest
    @MethodSource("results")
    void aResultIsReadAsItWasWritten(Object result, Function<JsonValue, ?> reader) {
        assertThat((Object) reader.apply(written(result, JsonStyle.PROTOCOL_1))).isEqualTo(result);
        assertThat((Object) reader.apply(written(result, JsonStyle.PROTOCOL_2))).isEqualTo(result);
    }

    @Test
    void whatIsMissingIsNamed() {
        JsonValue.Obj subscription =
                (JsonValue.Obj) written(new SubscriptionResult(3, 500, 1, 1), JsonStyle.PROTOCOL_2);
        var members = new LinkedHashMap<>(subscription.members());
        members.remove("revisedLifetimeCount");

        assertThatThrownBy(() -> ResultReader.subscriptionResult(new JsonValue.Obj(members)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("subscription.revisedLifetimeCount");
        assertThatThrownBy(() -> ResultReader.list(new JsonValue.Num("1"), "references", json -> json))
                .hasMessageContaining("references: got 1, expected an array");
    }
}
