package io.github.opcuasm.cli;

/** What was asked for cannot be: exit code 2. The message is one line that names the option or argument. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message, null, false, false);
    }
}
