package io.github.opcuasm.daemon.sink;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/** Files on a disk that has room for so many bytes: what fits is written, then an error comes, as a kernel does it. */
final class SmallDisk {
    private long room;
    private boolean full;

    SmallDisk(long room) {
        this.room = room;
    }

    synchronized boolean isFull() {
        return full;
    }

    /** From now on everything fits. */
    synchronized void grow() {
        room = Long.MAX_VALUE;
    }

    private synchronized int take(int wanted) throws IOException {
        if (room == 0) {
            full = true;
            throw new IOException("No space left on device");
        }
        int taken = (int) Math.min(room, wanted);
        room -= taken;
        return taken;
    }

    SeekableByteChannel open(Path path) throws IOException {
        return new Limited(PrivateFiles.append(path));
    }

    private final class Limited implements SeekableByteChannel {
        private final SeekableByteChannel file;

        Limited(SeekableByteChannel file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            ByteBuffer part = bytes.slice(bytes.position(), take(bytes.remaining()));
            bytes.position(bytes.position() + part.remaining());
            return file.write(part);
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return file.read(bytes);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            return file.position(position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            return file.truncate(size);
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
