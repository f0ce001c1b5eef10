package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.ByteString;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link JsonBody} writes its tokens. An answer may be far larger than a socket's buffer, so writing can pause:
 * a <em>step</em> writes tokens at once and then hands over, in order, what follows it ({@link #elements},
 * {@link #text}, {@link #then}). The encoder carries those out later, a slice at a time.
 *
 * <p>Invariant: once a step has handed something over, it writes no further token itself; what comes after goes into
 * {@link #then}. The encoder refuses a step that breaks it, so the order of tokens is always the order of the calls.
 *
 * <pre>{@code
 * out.startObject();
 * out.name("value");
 * out.elements(values, JsonOutput::number);
 * out.then(() -> {
 *     out.name("type");
 *     out.number(6);
 *     out.endObject();
 * });
 * }</pre>
 */
public interface JsonOutput {

    /** How values are to be written on this connection. */
    JsonStyle style();

    void startObject() throws IOException;

    void endObject() throws IOException;

    void startArray() throws IOException;

    void endArray() throws IOException;

    void name(String name) throws IOException;

    void nullValue() throws IOException;

    void bool(boolean value) throws IOException;

    /** An integer: never a fraction, never an exponent. */
    void number(long value) throws IOException;

    void number(BigInteger value) throws IOException;

    /** The shortest decimal that reads back, with a fraction; {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}. */
    void number(double value) throws IOException;

    /** As {@link #number(double)}, the shortest decimal that reads back as a float. */
    void number(float value) throws IOException;

    /** A short string, written at once; null writes null. Lone surrogates become U+FFFD. */
    void string(@Nullable String value) throws IOException;

    /** Hands over a string of any length: written in slices if it is long. */
    void text(@Nullable String value) throws IOException;

    /** Hands over bytes of any length as strict base64: written in slices if they are many. */
    void base64(byte[] value) throws IOException;

    /** As {@link #base64(byte[])}, without a copy; null writes null. */
    void base64(@Nullable ByteString value) throws IOException;

    /** Hands over an array, from bracket to bracket, one element a step. */
    <T extends @Nullable Object> void elements(List<T> elements, ElementWriter<? super T> writer) throws IOException;

    /** Hands over another value. */
    void body(JsonBody body) throws IOException;

    /** Hands over what follows everything handed over so far. */
    void then(Step step) throws IOException;

    /** Writes one element; it may hand over as every step may. */
    @FunctionalInterface
    interface ElementWriter<T extends @Nullable Object> {
        void write(JsonOutput out, T element) throws IOException;
    }

    /** One step. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }
}
