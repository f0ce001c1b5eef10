package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServerDescriptionTest {
    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void buildIsDefinite() throws Exception {
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_ProductUri)).isEqualTo("urn:opcuasm:simulator:server");
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_ManufacturerName)).isEqualTo("opcua-session-manager");
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_ProductName)).isEqualTo("OPC UA simulator");
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_SoftwareVersion)).isEqualTo("1.0.0");
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_BuildNumber)).isEqualTo("1");
        assertThat(read(NodeIds.Server_ServerStatus_BuildInfo_BuildDate))
                .isEqualTo(new DateTime(Instant.parse("2026-01-01T00:00:00Z")));
    }

    @Test
    void capabilitiesTellOfHistory() throws Exception {
        assertThat(read(NodeIds.HistoryServerCapabilities_AccessHistoryDataCapability))
                .isEqualTo(true);
        assertThat(read(NodeIds.HistoryServerCapabilities_AccessHistoryEventsCapability))
                .isEqualTo(true);
        assertThat(read(NodeIds.HistoryServerCapabilities_InsertDataCapability)).isEqualTo(true);
        assertThat(read(NodeIds.HistoryServerCapabilities_DeleteEventCapability))
                .isEqualTo(true);
        assertThat(read(NodeIds.HistoryServerCapabilities_InsertAnnotationCapability))
                .isEqualTo(false);
        assertThat(read(NodeIds.HistoryServerCapabilities_MaxReturnDataValues)).isEqualTo(uint(10_000));
        assertThat(read(NodeIds.Server_ServerCapabilities_MaxHistoryContinuationPoints))
                .isEqualTo(ushort(100));
    }

    @Test
    void supportedAggregatesAreListed() throws Exception {
        BrowseDescription folder = new BrowseDescription(
                NodeIds.Server_ServerCapabilities_AggregateFunctions,
                BrowseDirection.Forward,
                NodeIds.Organizes,
                true,
                uint(0),
                uint(63));

        assertThat(Stream.of(client.browse(folder).getReferences())
                        .map(reference -> reference.getBrowseName().name()))
                .containsExactlyInAnyOrder(
                        "Interpolative",
                        "Average",
                        "TimeAverage",
                        "Total",
                        "Minimum",
                        "Maximum",
                        "Range",
                        "Count",
                        "Start",
                        "End",
                        "Delta",
                        "DurationGood",
                        "DurationBad",
                        "PercentGood",
                        "StandardDeviationSample");
    }

    private @Nullable Object read(NodeId nodeId) throws UaException {
        return client.readValue(0, TimestampsToReturn.Neither, nodeId).value().value();
    }
}
