package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;

/** Connected Milo clients of one test, closed with it. */
final class TestClients implements AutoCloseable {
    static final long PATIENCE_SECONDS = 20;

    private final List<OpcUaClient> clients = new ArrayList<>();

    OpcUaClient connect(Simulator simulator) throws UaException {
        OpcUaClient client = create(simulator);
        client.connect();
        return client;
    }

    OpcUaClient connect(Simulator simulator, SecuredClient secured) throws UaException {
        OpcUaClient client = secured.create(simulator);
        clients.add(client);
        client.connect();
        return client;
    }

    OpcUaClient create(Simulator simulator) throws UaException {
        OpcUaClient client = OpcUaClient.create(
                simulator.endpointUrl(),
                endpoints -> endpoints.stream().findFirst(),
                transport -> {},
                config -> config.setRequestTimeout(uint(PATIENCE_SECONDS * 1_000)));
        clients.add(client);
        return client;
    }

    static CompletableFuture<DataValue> read(OpcUaClient client, String path) {
        return client.readValuesAsync(0, TimestampsToReturn.Both, List.of(Simulator.node(path)))
                .thenApply(values -> values.get(0));
    }

    static DataValue readNow(OpcUaClient client, String path) throws Exception {
        return read(client, path).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static CompletableFuture<StatusCode> write(OpcUaClient client, String path, Object value) {
        Variant variant = value instanceof Variant given ? given : new Variant(value);
        return client.writeValuesAsync(List.of(Simulator.node(path)), List.of(DataValue.valueOnly(variant)))
                .thenApply(results -> results.get(0));
    }

    static StatusCode writeNow(OpcUaClient client, String path, Object value) throws Exception {
        return write(client, path, value).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static ReadValueId valueOf(NodeId nodeId) {
        return new ReadValueId(nodeId, AttributeId.Value.uid(), null, null);
    }

    /** A client that cannot say goodbye, since a fault took its session, is as good as closed. */
    @Override
    public void close() {
        clients.stream()
                .map(client -> client.disconnectAsync()
                        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .handle((disconnected, failure) -> true))
                .toList()
                .forEach(CompletableFuture::join);
    }
}
