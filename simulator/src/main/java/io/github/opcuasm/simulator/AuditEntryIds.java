package io.github.opcuasm.simulator;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;

/** Under which entries of their own audit logs clients say that they act: {@code RequestHeader.auditEntryId} (Part 4, 7.33). */
public final class AuditEntryIds {
    private final Map<Service, String> last = new ConcurrentHashMap<>();

    AuditEntryIds() {}

    void saw(Service service, UaRequestMessageType request) {
        String id = request.getRequestHeader().getAuditEntryId();
        if (id == null) {
            last.remove(service);
        } else {
            last.put(service, id);
        }
    }

    /** What the newest request of this service said; empty if it said nothing, or if there was none. */
    public Optional<String> last(Service service) {
        return Optional.ofNullable(last.get(service));
    }
}
