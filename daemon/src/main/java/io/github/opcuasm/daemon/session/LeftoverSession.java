package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;

/** An OPC UA session that no handle goes on with: it is closed, because servers have few. */
record LeftoverSession(
        RememberedSession remembered, EndpointUrl endpoint, Materials materials, AddressFilter addresses) {}
