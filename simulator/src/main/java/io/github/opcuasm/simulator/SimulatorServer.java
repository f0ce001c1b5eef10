package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.servicesets.Service;
import org.eclipse.milo.opcua.stack.core.types.structured.CallRequest;
import org.eclipse.milo.opcua.stack.transport.server.OpcServerTransportFactory;

/** Milo's server with a Call service that may answer later than its thread returns. */
final class SimulatorServer extends OpcUaServer {
    SimulatorServer(OpcUaServerConfig config, OpcServerTransportFactory transports) {
        super(config, transports);
    }

    void addMethods(String path, SimulatorMethods methods) {
        AsyncServiceHandler handler = (context, request) -> methods.call(context, (CallRequest) request);
        addServiceHandler(path, Service.METHOD_CALL, handler);
    }
}
