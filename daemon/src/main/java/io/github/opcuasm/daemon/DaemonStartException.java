package io.github.opcuasm.daemon;

/** The daemon could not start; the message is for the operator, one line, with the way out. The process exits with 1. */
public final class DaemonStartException extends Exception {
    private static final long serialVersionUID = 1L;

    public DaemonStartException(String message) {
        super(message);
    }

    public DaemonStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
