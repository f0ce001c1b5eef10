package io.github.opcuasm.benchmarks;

import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;

/** What the daemon is compared with: Milo's client with one session in the caller's own process. */
final class DirectMilo implements AutoCloseable {
    private final OpcUaClient client;

    private DirectMilo(OpcUaClient client) {
        this.client = client;
    }

    static DirectMilo connect(String endpointUrl) throws UaException {
        OpcUaClient client = OpcUaClient.create(endpointUrl);
        client.connect();
        return new DirectMilo(client);
    }

    /** A caller of synchronous reads; all callers share the session. */
    Caller reader(NodeId nodeId) {
        return new Caller() {
            @Override
            public void call() throws UaException {
                DataValue value = client.readValue(0.0, TimestampsToReturn.Both, nodeId);
                if (!value.getStatusCode().isGood()) {
                    throw new UaException(value.getStatusCode());
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() throws UaException {
        client.disconnect();
    }
}
