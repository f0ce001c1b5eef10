package io.github.opcuasm.daemon.state;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link PartWriter} wrote; whatever the bytes are, it reads no further than they reach. */
public final class PartReader {
    private final ByteBuffer in;

    public PartReader(byte[] content) {
        this.in = ByteBuffer.wrap(content);
    }

    public long number() throws DamagedStateException {
        return need(Long.BYTES).getLong();
    }

    /** A number that counts what follows, each of at least {@code eachBytes}. */
    public int count(int eachBytes) throws DamagedStateException {
        long count = number();
        if (count < 0 || count > in.remaining() / eachBytes) {
            throw new DamagedStateException("says that " + count + " values follow, which is not so");
        }
        return (int) count;
    }

    public boolean flag() throws DamagedStateException {
        return need(1).get() != 0;
    }

    public byte[] bytes() throws DamagedStateException {
        int length = need(Integer.BYTES).getInt();
        if (length < 0) {
            throw new DamagedStateException("has a value of " + length + " bytes");
        }
        ByteBuffer source = need(length);
        byte[] bytes = new byte[length];
        source.get(bytes);
        return bytes;
    }

    public String text() throws DamagedStateException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DamagedStateException("has a text that is none", e);
        }
    }

    public @Nullable String textOrNull() throws DamagedStateException {
        boolean there = flag();
        String text = text();
        return there ? text : null;
    }

    /** Everything must have been read. */
    public void end() throws DamagedStateException {
        if (in.hasRemaining()) {
            throw new DamagedStateException("has " + in.remaining() + " bytes too many");
        }
    }

    private ByteBuffer need(int bytes) throws DamagedStateException {
        if (in.remaining() < bytes) {
            throw new DamagedStateException("ends inside a value");
        }
        return in;
    }
}
