package io.github.opcuasm.daemon.datatype;

/** The bytes of a body are not what the type says. Without a stack trace: servers decide how often it happens. */
class BodyMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BodyMismatchException(String message) {
        super(message, null, false, false);
    }
}
