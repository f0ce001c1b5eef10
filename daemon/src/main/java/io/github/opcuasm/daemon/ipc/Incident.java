package io.github.opcuasm.daemon.ipc;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.UUID;
import org.slf4j.Logger;

/** A defect of ours: its trace goes to the log, once, under an id that the peer is told instead. */
public final class Incident {
    private Incident() {}

    /** Logs the defect and returns what the peer of this connection is told. */
    public static CommandException report(Logger log, long connectionId, Throwable defect) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        log.error("Incident {} on connection {}", id, connectionId, defect);
        return new CommandException(
                ErrorType.INTERNAL_ERROR, "Internal error; the daemon's log has the details under incident " + id);
    }
}
