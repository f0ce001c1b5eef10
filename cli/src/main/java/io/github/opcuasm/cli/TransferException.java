package io.github.opcuasm.cli;

/** A file that was copied in part, or not at all, for a reason that neither the daemon nor the server gave. */
final class TransferException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TransferException(String message) {
        super(message, null, false, false);
    }
}
