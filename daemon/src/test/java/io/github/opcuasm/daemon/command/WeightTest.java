package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server chooses how long its texts are: each of them counts against the bound on answers that wait to be written. */
final class WeightTest {
    private static final String LONG = "x".repeat(100_000);
    private static final NodeId NODE = NodeId.numeric(0, 85);
    private static final LocalizedText NAME = new LocalizedText(null, "plc");

    static Stream<Object> whereATextIsLong() {
        NodeId longId = new NodeId(2, new Identifier.Text(LONG));
        return Stream.of(
                application(LONG, "", NAME, "", "", ""),
                application("", LONG, NAME, "", "", ""),
                application("", "", new LocalizedText("en", LONG), "", "", ""),
                application("", "", NAME, LONG, "", ""),
                application("", "", NAME, "", LONG, ""),
                application("", "", NAME, "", "", LONG),
                new EndpointDescription(LONG, null, 1, "", 0, "", List.of()),
                new EndpointDescription("", null, 1, LONG, 0, "", List.of()),
                new EndpointDescription("", null, 1, "", 0, LONG, List.of()),
                new EndpointDescription("", null, 1, "", 0, "", List.of(new UserTokenPolicy("", 0, "", LONG, ""))),
                reference(longId, "", NAME),
                reference(NODE, LONG, NAME),
                reference(NODE, "", new LocalizedText(null, LONG)),
                new BrowseNode(reference(NODE, LONG, NAME), List.of()),
                new LocalizedText(LONG, null),
                new ExpandedNodeId(NODE, LONG, 0));
    }

    @ParameterizedTest
    @MethodSource("whereATextIsLong")
    void longTextWeighsAtLeastItsBytes(Object value) {
        assertThat(Weight.of(value)).isGreaterThan(LONG.length());
        assertThat(Weight.of(List.of(value, value))).isGreaterThan(2L * LONG.length());
    }

    private static ApplicationDescription application(
            String uri, String product, LocalizedText name, String gateway, String profile, String url) {
        return new ApplicationDescription(uri, product, name, 0, gateway, profile, List.of(url));
    }

    private static ReferenceDescription reference(NodeId nodeId, String browseName, LocalizedText displayName) {
        return new ReferenceDescription(
                NODE,
                true,
                ExpandedNodeId.local(nodeId),
                new QualifiedName(2, browseName),
                displayName,
                1,
                ExpandedNodeId.NULL);
    }
}
