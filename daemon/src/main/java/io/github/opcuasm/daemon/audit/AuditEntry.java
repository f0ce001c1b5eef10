package io.github.opcuasm.daemon.audit;

/** Something that was recorded before it is done; {@link #end} records what came of it. */
public interface AuditEntry {
    /** Where nothing is recorded. */
    AuditEntry NONE = new AuditEntry() {
        @Override
        public String id() {
            return "";
        }

        @Override
        public void end(AuditResult result) {}
    };

    /** Tells it apart from every other, of any daemon; empty where nothing is recorded. The AuditEntryId of the request. */
    String id();

    /** Records the result. The first call counts. Neither waits nor fails. */
    void end(AuditResult result);
}
