package io.github.opcuasm.daemon.state;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the content of a {@link StatePart}, for a {@link PartReader} that reads the same in the same order. */
public final class PartWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** A value of the given kind, into memory: never fails. */
    private interface Step {
        void write() throws IOException;
    }

    public PartWriter number(long value) {
        return step(() -> out.writeLong(value));
    }

    public PartWriter flag(boolean value) {
        return step(() -> out.writeBoolean(value));
    }

    public PartWriter bytes(byte[] value) {
        return step(() -> {
            out.writeInt(value.length);
            out.write(value);
        });
    }

    public PartWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public PartWriter textOrNull(@Nullable String value) {
        return flag(value != null).text(value == null ? "" : value);
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private PartWriter step(Step step) {
        try {
            step.write();
        } catch (IOException e) {
            throw new IllegalStateException("writing into memory cannot fail", e);
        }
        return this;
    }
}
