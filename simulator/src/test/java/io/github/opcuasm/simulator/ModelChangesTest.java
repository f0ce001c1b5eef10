package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ModelChangesTest {
    private static final String BEFORE = "07000000" + "05000000" + "6166746572";
    private static final String AFTER = "07000000" + "0000000000000440" + "05000000" + "6166746572";

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();

    @AfterEach
    void close() throws Exception {
        clients.close();
        simulator.close();
    }

    @Test
    void typeChangesWhileTheServerRuns() throws Exception {
        simulator.start();
        OpcUaClient client = clients.connect(simulator);
        NodeId encodingBefore = definition(client).getDefaultEncodingId();
        assertThat(body(client)).isEqualTo(BEFORE);

        simulator.changeType();

        assertThat(definition(client).getFields())
                .extracting(StructureField::getName)
                .containsExactly("Count", "Added", "Label");
        assertThat(definition(client).getDefaultEncodingId()).isEqualTo(encodingBefore);
        assertThat(body(client)).isEqualTo(AFTER);
        simulator.restoreType();
        assertThat(definition(client).getFields()).hasSize(2);
        assertThat(body(client)).isEqualTo(BEFORE);
    }

    @Test
    void typeMayChangeWhileTheServerIsDown() throws Exception {
        simulator.start();
        simulator.stop();
        simulator.changeType();

        simulator.start();

        OpcUaClient client = clients.connect(simulator);
        assertThat(definition(client).getFields()).hasSize(3);
        assertThat(body(client)).isEqualTo(AFTER);
    }

    @Test
    void namespaceMovesOverARestart() throws Exception {
        simulator.start();
        int port = simulator.port();
        assertThat(simulator.nodeNow("Scalars/Int32")).isEqualTo(Simulator.node("Scalars/Int32"));
        simulator.stop();
        simulator.namespacesBefore("urn:filler:1", "urn:filler:2");

        simulator.start();

        OpcUaClient client = clients.connect(simulator);
        assertThat(simulator.port()).isEqualTo(port);
        assertThat(simulator.namespaceIndex()).isEqualTo(4);
        assertThat((String[]) client.readValue(0, TimestampsToReturn.Neither, NodeIds.Server_NamespaceArray)
                        .value()
                        .value())
                .containsExactly(
                        "http://opcfoundation.org/UA/",
                        Simulator.APPLICATION_URI,
                        "urn:filler:1",
                        "urn:filler:2",
                        Simulator.NAMESPACE_URI);
        assertThat(client.readValue(0, TimestampsToReturn.Neither, simulator.nodeNow("Scalars/Int32"))
                        .value()
                        .value())
                .isEqualTo(-32);
        ExtensionObject point = (ExtensionObject) Objects.requireNonNull(
                client.readValue(0, TimestampsToReturn.Neither, simulator.nodeNow("Structures/Point"))
                        .value()
                        .value());
        assertThat(point.getEncodingOrTypeId()).isEqualTo(simulator.nodeNow("DataTypes/Point/Default Binary"));
    }

    @Test
    void namespacesMayBeThereFromTheFirstStart() {
        try (Simulator moved =
                Simulator.builder().namespacesBefore("urn:filler:1").build()) {
            assertThatThrownBy(moved::namespaceIndex).isInstanceOf(IllegalStateException.class);

            moved.start();

            assertThat(moved.namespaceIndex()).isEqualTo(3);
        }
    }

    private static StructureDefinition definition(OpcUaClient client) throws Exception {
        ReadValueId attribute =
                new ReadValueId(Simulator.node("DataTypes/Changing"), AttributeId.DataTypeDefinition.uid(), null, null);
        ExtensionObject read = (ExtensionObject)
                Objects.requireNonNull(client.read(0, TimestampsToReturn.Neither, Arrays.asList(attribute))
                        .getResults()[0]
                        .value()
                        .value());
        return (StructureDefinition) read.decode(client.getStaticEncodingContext());
    }

    private static String body(OpcUaClient client) throws Exception {
        ExtensionObject value = (ExtensionObject) Objects.requireNonNull(
                TestClients.readNow(client, "Structures/Changing").value().value());
        return HexFormat.of().withUpperCase().formatHex(((ByteString) value.getBody()).bytesOrEmpty());
    }
}
