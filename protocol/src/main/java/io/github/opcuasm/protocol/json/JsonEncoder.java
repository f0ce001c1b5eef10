package io.github.opcuasm.protocol.json;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.github.opcuasm.protocol.type.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one {@link JsonBody}, a slice at a time: whoever sends asks for the next slice when there is room for it.
 *
 * <p>What is still to be written is a stack of steps, next on top. A step writes tokens and hands over others, which
 * are collected in {@code handedOver} and put on the stack, in order, when the step is done. Most answers never get
 * that far: as long as nothing waits in {@code handedOver}, the slice has room and calls are not nested too deeply, a
 * step that is handed over is carried out on the spot, which is the same order, without an object for it.
 *
 * <p>Invariants: {@code handedOver} is empty whenever a step from the stack starts; a step that has handed something
 * over writes nothing itself ({@code closed}); the slices of any sizes joined are the bytes that one slice would be.
 * Depth of data costs stack objects, not call frames. Strings and binary data are cut into pieces between code points
 * and between groups of three bytes.
 *
 * <p>Not thread-safe, one use. An exception out of {@link #encode} is a defect of the body's: what was written up to
 * then is not JSON, and the encoder is of no further use.
 */
public final class JsonEncoder implements JsonOutput {
    private static final int MAX_INLINE_DEPTH = 24;

    /** Longer strings are written piece by piece, pieces of this many characters. */
    private static final int TEXT_PIECE = 4096;

    /** Longer binary data is written piece by piece; a multiple of 3. */
    private static final int BASE64_PIECE = 3 * 1024;

    private static final int INITIAL_SIZE = 256;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(100_000).build())
            .build();

    private final JsonStyle style;
    private final Sink sink = new Sink();
    private final JsonGenerator generator;
    private final Deque<Step> steps = new ArrayDeque<>(4);
    private final List<Step> handedOver = new ArrayList<>(4);
    private long limit;
    private int inlineDepth;
    private boolean closed;
    private boolean nameOpen;
    private boolean finished;

    public JsonEncoder(JsonBody body, JsonStyle style) {
        this.style = style;
        try {
            generator = FACTORY.createGenerator(sink);
        } catch (IOException e) {
            throw new IllegalStateException("a generator for memory cannot fail", e);
        }
        steps.push(() -> body.writeTo(this));
    }

    /** The whole value at once. */
    public static byte[] toBytes(JsonBody body, JsonStyle style) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(INITIAL_SIZE);
        try {
            new JsonEncoder(body, style).encode(out, Integer.MAX_VALUE);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return out.toByteArray();
    }

    /**
     * Writes the next slice: at least one step, and steps until {@code softLimit} bytes are reached. The last step may
     * go over the limit, by a few KiB at most if the body hands over what may be long.
     *
     * @param softLimit bytes, at least 1
     * @return whether the value is complete; no further call is allowed then
     * @throws IllegalStateException if the body wrote anything but exactly one JSON value
     */
    public boolean encode(OutputStream out, int softLimit) throws IOException {
        if (finished) {
            throw new IllegalStateException("the value is complete");
        }
        if (softLimit < 1) {
            throw new IllegalArgumentException("softLimit: got " + softLimit + ", expected at least 1");
        }
        sink.target = out;
        limit = written() + softLimit;
        do {
            Step step = steps.poll();
            if (step == null) {
                break;
            }
            inlineDepth = 0;
            closed = false;
            step.run();
            for (int i = handedOver.size() - 1; i >= 0; i--) {
                steps.push(handedOver.get(i));
            }
            handedOver.clear();
        } while (hasRoom());
        if (steps.isEmpty()) {
            finish();
        } else {
            generator.flush();
        }
        return finished;
    }

    @Override
    public JsonStyle style() {
        return style;
    }

    @Override
    public void startObject() throws IOException {
        checkOpen();
        beforeValue();
        generator.writeStartObject();
    }

    @Override
    public void endObject() throws IOException {
        checkOpen();
        checkStructure(generator.getOutputContext().inObject() && !nameOpen, "endObject");
        generator.writeEndObject();
    }

    @Override
    public void startArray() throws IOException {
        checkOpen();
        beforeValue();
        generator.writeStartArray();
    }

    @Override
    public void endArray() throws IOException {
        checkOpen();
        checkStructure(generator.getOutputContext().inArray(), "endArray");
        generator.writeEndArray();
    }

    @Override
    public void name(String name) throws IOException {
        checkOpen();
        generator.writeFieldName(WellFormed.text(name));
        nameOpen = true;
    }

    @Override
    public void nullValue() throws IOException {
        checkOpen();
        beforeValue();
        generator.writeNull();
    }

    @Override
    public void bool(boolean value) throws IOException {
        checkOpen();
        beforeValue();
        generator.writeBoolean(value);
    }

    @Override
    public void number(long value) throws IOException {
        checkOpen();
        beforeValue();
        generator.writeNumber(value);
    }

    @Override
    public void number(BigInteger value) throws IOException {
        checkOpen();
        beforeValue();
        generator.writeNumber(value);
    }

    @Override
    public void number(double value) throws IOException {
        checkOpen();
        beforeValue();
        if (Double.isFinite(value)) {
            generator.writeNumber(DecimalText.of(value));
        } else {
            generator.writeString(Double.toString(value));
        }
    }

    @Override
    public void number(float value) throws IOException {
        checkOpen();
        beforeValue();
        if (Float.isFinite(value)) {
            generator.writeNumber(DecimalText.of(value));
        } else {
            generator.writeString(Float.toString(value));
        }
    }

    @Override
    public void string(@Nullable String value) throws IOException {
        checkOpen();
        beforeValue();
        if (value == null) {
            generator.writeNull();
        } else {
            generator.writeString(WellFormed.text(value));
        }
    }

    @Override
    public void text(@Nullable String value) throws IOException {
        if (value == null || value.length() <= TEXT_PIECE) {
            handOver(() -> string(value));
        } else {
            handOver(new TextPieces(value));
        }
    }

    @Override
    public void base64(byte[] value) throws IOException {
        base64(ByteBuffer.wrap(value));
    }

    @Override
    public void base64(@Nullable ByteString value) throws IOException {
        if (value == null) {
            handOver(this::nullValue);
        } else {
            base64(value.asReadOnlyByteBuffer());
        }
    }

    private void base64(ByteBuffer bytes) throws IOException {
        handOver(new BinaryPieces(bytes));
    }

    @Override
    public <T extends @Nullable Object> void elements(List<T> elements, ElementWriter<? super T> writer)
            throws IOException {
        handOver(new Elements<>(elements, writer));
    }

    @Override
    public void body(JsonBody body) throws IOException {
        handOver(() -> body.writeTo(this));
    }

    @Override
    public void then(Step step) throws IOException {
        handOver(step);
    }

    private void handOver(Step step) throws IOException {
        if (handedOver.isEmpty() && inlineDepth < MAX_INLINE_DEPTH && hasRoom()) {
            inlineDepth++;
            closed = false;
            step.run();
            inlineDepth--;
        } else {
            handedOver.add(step);
        }
        closed = true;
    }

    private boolean hasRoom() {
        return written() < limit;
    }

    private long written() {
        return sink.count + generator.getOutputBuffered();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("a step wrote a token after it had handed something over");
        }
    }

    private void beforeValue() {
        var context = generator.getOutputContext();
        checkStructure(!context.inRoot() || context.getEntryCount() == 0, "a second value");
        nameOpen = false;
    }

    private void checkStructure(boolean allowed, String token) {
        if (!allowed) {
            throw new IllegalStateException(token + " is not allowed " + generator.getOutputContext());
        }
    }

    private void finish() throws IOException {
        var context = generator.getOutputContext();
        if (!context.inRoot() || context.getEntryCount() != 1) {
            throw new IllegalStateException("the body ended inside its value, or wrote none");
        }
        generator.close();
        finished = true;
    }

    /** An array, element by element; pauses when an element left something to write or the slice is full. */
    private final class Elements<T extends @Nullable Object> implements Step {
        private final List<T> elements;
        private final ElementWriter<? super T> writer;
        private int next = -1;

        Elements(List<T> elements, ElementWriter<? super T> writer) {
            this.elements = elements;
            this.writer = writer;
        }

        @Override
        public void run() throws IOException {
            if (next < 0) {
                startArray();
                next = 0;
            }
            int size = elements.size();
            while (next < size) {
                closed = false;
                writer.write(JsonEncoder.this, elements.get(next++));
                if (!handedOver.isEmpty() || !hasRoom()) {
                    handedOver.add(this);
                    return;
                }
            }
            closed = false;
            endArray();
        }
    }

    /** A long string, piece by piece, never between the halves of a surrogate pair. */
    private final class TextPieces implements Step {
        private final String text;
        private int next;

        TextPieces(String text) {
            this.text = text;
        }

        @Override
        public void run() throws IOException {
            if (next == 0) {
                beforeValue();
                generator.writeRawValue("\"");
            }
            while (next < text.length()) {
                int end = Math.min(next + TEXT_PIECE, text.length());
                if (end < text.length()
                        && Character.isHighSurrogate(text.charAt(end - 1))
                        && Character.isLowSurrogate(text.charAt(end))) {
                    end--;
                }
                generator.writeRaw(WellFormed.escaped(text, next, end));
                next = end;
                if (next < text.length() && !hasRoom()) {
                    handedOver.add(this);
                    return;
                }
            }
            generator.writeRaw('"');
        }
    }

    /** Binary data as base64, piece by piece; only the last piece is padded. */
    private final class BinaryPieces implements Step {
        private final ByteBuffer bytes;
        private boolean started;

        BinaryPieces(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public void run() throws IOException {
            if (!started) {
                beforeValue();
                if (bytes.remaining() <= BASE64_PIECE) {
                    byte[] all = next(bytes.remaining());
                    generator.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, all, 0, all.length);
                    return;
                }
                generator.writeRawValue("\"");
                started = true;
            }
            while (bytes.hasRemaining()) {
                generator.writeRaw(
                        Base64Variants.MIME_NO_LINEFEEDS.encode(next(Math.min(BASE64_PIECE, bytes.remaining()))));
                if (bytes.hasRemaining() && !hasRoom()) {
                    handedOver.add(this);
                    return;
                }
            }
            generator.writeRaw('"');
        }

        private byte[] next(int length) {
            byte[] piece = new byte[length];
            bytes.get(piece);
            return piece;
        }
    }

    /** Counts and passes on to whatever the current slice goes to. */
    private static final class Sink extends OutputStream {
        private OutputStream target = OutputStream.nullOutputStream();
        private long count;

        @Override
        public void write(int b) throws IOException {
            target.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            target.write(bytes, from, length);
            count += length;
        }
    }
}
