package io.github.opcuasm.daemon.audit;

/** What kind of thing was done. The set is closed: whoever evaluates the file can list what may stand there. */
public enum AuditEvent {
    /** Values or other attributes of nodes (Part 4, 5.11.4). */
    WRITE("write"),
    /** A method of the server's (Part 4, 5.12.2), those of files and directories among them. */
    CALL("call"),
    /** Nodes and references made and deleted (Part 4, 5.8). */
    NODE_MANAGEMENT("nodeManagement"),
    /** History changed (Part 4, 5.11.5). */
    HISTORY_UPDATE("historyUpdate"),
    /** A session handle was asked for. */
    OPEN("open"),
    /** A session handle was given back. */
    CLOSE("close"),
    /** The daemon itself was changed: which servers it trusts, whom it obeys. */
    ADMINISTRATION("administration"),
    /** A peer showed no token, or a wrong one. */
    AUTHENTICATION("authentication"),
    /** A peer that is known asked for what it may not do, or too often. */
    ACCESS("access"),
    /** The daemon started, ends, or took up a new audit log. */
    DAEMON("daemon");

    private final String wireName;

    AuditEvent(String wireName) {
        this.wireName = wireName;
    }

    /** What stands in the file. */
    public String wireName() {
        return wireName;
    }
}
