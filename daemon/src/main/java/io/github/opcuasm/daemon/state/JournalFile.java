package io.github.opcuasm.daemon.state;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that grows by sealed blocks of entries. It begins with a line in clear, {@code opcuasm-journal VERSION KEY-ID
 * FILE-ID}; each block is its length (four bytes), the complement of that (four bytes), and the sealed entries.
 *
 * <p>A file is only ever appended to by whoever began it, and not after a failure: no place in it is sealed twice under the
 * same key. Who wants to go on with a file that was left behind writes a new one over it.
 *
 * <p>Not thread-safe.
 */
final class JournalFile implements AutoCloseable {
    /** What follows a block's two lengths is not larger than this, which keeps a wrong one from filling the heap. */
    static final int MAX_BLOCK_BYTES = 128 << 20;
    /** More than the largest mailbox, twice. */
    static final int MAX_BYTES = 512 << 20;

    private static final int BLOCK_HEADER_BYTES = 8;

    private final FileChannel channel;
    private final JournalCipher cipher;
    private long blocks;
    private long size;

    private JournalFile(FileChannel channel, JournalCipher cipher) {
        this.channel = channel;
        this.cipher = cipher;
    }

    /**
     * What a file holds.
     *
     * @param entries up to where it is damaged, if it is
     * @param damage what is wrong with the rest; null if nothing is, or if its last block was never written whole
     */
    record Content(List<byte[]> entries, @Nullable DamagedStateException damage) {}

    /** Begins a file with these blocks, in place of the one that may be there; not forced to the disk. */
    static JournalFile begin(Path file, StateSeal seal, List<byte[]> bodies) throws IOException {
        byte[] fileId = new byte[JournalCipher.FILE_ID_BYTES];
        new SecureRandom().nextBytes(fileId);
        Path beside = PrivateFiles.createBeside(file);
        JournalFile begun = null;
        boolean inPlace = false;
        try {
            JournalCipher cipher =
                    JournalCipher.of(seal, fileId, file.getFileName().toString());
            begun = new JournalFile(FileChannel.open(beside, Set.of(StandardOpenOption.WRITE)), cipher);
            begun.write(cipher.header());
            for (byte[] body : bodies) {
                begun.append(body);
            }
            PrivateFiles.moveOver(file, beside);
            inPlace = true;
            return begun;
        } finally {
            if (!inPlace) {
                if (begun != null) {
                    begun.close();
                }
                Files.deleteIfExists(beside);
            }
        }
    }

    /** Appends a block. After a failure nothing may be appended any more. */
    void append(byte[] body) throws IOException {
        byte[] sealed = cipher.seal(blocks, body);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_HEADER_BYTES + sealed.length);
        block.putInt(sealed.length).putInt(~sealed.length).put(sealed);
        write(block.array());
        blocks++;
    }

    /** In bytes. */
    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        while (source.hasRemaining()) {
            channel.write(source);
        }
        size += bytes.length;
    }

    /**
     * Reads a file.
     *
     * @throws DamagedStateException if nothing of it is of use
     * @throws IOException if it cannot be read now
     */
    static Content read(Path file, StateSeal seal) throws IOException {
        byte[] content;
        try {
            content = PrivateFiles.read(file, MAX_BYTES);
        } catch (PrivateFiles.UnfitFileException e) {
            throw new DamagedStateException(String.valueOf(e.getMessage()), e);
        }
        ByteBuffer in = ByteBuffer.wrap(content);
        JournalCipher cipher =
                JournalCipher.of(seal, firstLine(in), file.getFileName().toString());
        List<byte[]> entries = new ArrayList<>();
        try {
            byte[] sealed = nextBlock(in);
            for (long position = 0; sealed != null; position++) {
                entries.addAll(entries(cipher.open(position, sealed)));
                sealed = nextBlock(in);
            }
            return new Content(entries, null);
        } catch (DamagedStateException e) {
            return new Content(entries, e);
        }
    }

    private static @Nullable String firstLine(ByteBuffer in) {
        int longest = Math.min(in.limit(), JournalCipher.LONGEST_HEADER);
        for (int end = 0; end < longest; end++) {
            if (in.get(end) == '\n') {
                byte[] line = new byte[end];
                in.get(line);
                in.position(end + 1);
                return new String(line, StandardCharsets.US_ASCII);
            }
        }
        return null;
    }

    /** Null at the end, also where a process ended that was writing. */
    private static byte @Nullable [] nextBlock(ByteBuffer in) throws DamagedStateException {
        if (in.remaining() < BLOCK_HEADER_BYTES) {
            return null;
        }
        int length = in.getInt();
        if (in.getInt() != ~length || length < JournalCipher.TAG_BYTES || length > MAX_BLOCK_BYTES) {
            throw new DamagedStateException("was changed, or was never written to its end");
        }
        if (in.remaining() < length) {
            return null;
        }
        byte[] sealed = new byte[length];
        in.get(sealed);
        return sealed;
    }

    private static List<byte[]> entries(byte[] body) throws DamagedStateException {
        PartReader in = new PartReader(body);
        List<byte[]> entries = new ArrayList<>();
        for (int left = in.count(Integer.BYTES); left > 0; left--) {
            entries.add(in.bytes());
        }
        in.end();
        return entries;
    }
}
