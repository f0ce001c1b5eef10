package io.github.opcuasm.daemon.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files on a disk that has room for so many bytes, as a kernel tells it: what fits is written, then an error comes. */
final class FillingDisk implements AuditFile.Opening {
    private long room = Long.MAX_VALUE;

    /** From now on, so much fits. */
    synchronized void leave(long bytes) {
        room = bytes;
    }

    private synchronized int take(int wanted) throws IOException {
        if (room == 0) {
            throw new IOException("No space left on device");
        }
        int taken = (int) Math.min(room, wanted);
        room -= taken;
        return taken;
    }

    @Override
    public WritableByteChannel open(Path path) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                ByteBuffer part = bytes.slice(bytes.position(), take(bytes.remaining()));
                bytes.position(bytes.position() + part.remaining());
                return file.write(part);
            }

            @Override
            public boolean isOpen() {
                return file.isOpen();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
