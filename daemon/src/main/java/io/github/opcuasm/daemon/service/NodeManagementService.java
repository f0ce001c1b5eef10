package io.github.opcuasm.daemon.service;

/** AddNodes, AddReferences, DeleteNodes, DeleteReferences (Part 4, 5.8). */
public final class NodeManagementService {
    public NodeManagementService() {}
}
