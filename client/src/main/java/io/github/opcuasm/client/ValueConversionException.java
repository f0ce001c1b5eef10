package io.github.opcuasm.client;

/** A value is not, or not without loss, of the Java class that was asked for. The message has both, and the way out. */
public final class ValueConversionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ValueConversionException(String message) {
        super(message);
    }
}
