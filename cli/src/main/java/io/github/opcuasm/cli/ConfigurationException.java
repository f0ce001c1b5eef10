package io.github.opcuasm.cli;

/** The environment or a file does not allow a start: exit code 1. The message is one line with the way out. */
final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message, null, false, false);
    }
}
