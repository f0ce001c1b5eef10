package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.NodeManagementService;

/** The methods of the NodeManagement service set. */
final class NodeManagementMethods {
    NodeManagementMethods(NodeManagementService service) {}

    void addTo(MethodTable.Rows rows) {}
}
