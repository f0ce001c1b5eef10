package io.github.opcuasm.daemon.lifecycle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The PID that whoever holds the lock of a file writes into it, for the messages of those who do not get it. Works on the
 * channel that the lock was asked for: a POSIX lock is lost when any other descriptor of the file is closed.
 */
final class RecordedPid {
    private static final int MAX_PID_DIGITS = 18;
    private static final int LONGEST_PID = 32;
    /** Whoever won the lock writes its PID at once; a loser waits this long for it, for its message. */
    private static final Duration PID_WAIT = Duration.ofMillis(500);

    private RecordedPid() {}

    /** Writes this process's PID over what is there; how many bytes it has. */
    static int write(FileChannel channel) throws IOException {
        byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0);
        ByteBuffer source = ByteBuffer.wrap(pid);
        while (source.hasRemaining()) {
            channel.write(source, source.position());
        }
        return pid.length;
    }

    /** The PID of whoever holds the lock; it may just be about to write it over that of a dead predecessor. */
    static String await(FileChannel channel) throws IOException {
        long deadline = System.nanoTime() + PID_WAIT.toNanos();
        String pid = read(channel);
        while (!isAlive(pid) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            pid = read(channel);
        }
        return isAlive(pid) ? pid : "unknown";
    }

    private static boolean isAlive(String pid) {
        return !pid.isEmpty()
                && pid.length() <= MAX_PID_DIGITS
                && ProcessHandle.of(Long.parseLong(pid)).isPresent();
    }

    /** The recorded PID; empty if there is none. */
    static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(LONGEST_PID);
        channel.read(content, 0);
        String text = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
        return text.chars().allMatch(c -> c >= '0' && c <= '9') ? text : "";
    }
}
