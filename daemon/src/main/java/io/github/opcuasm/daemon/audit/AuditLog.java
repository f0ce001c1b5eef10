package io.github.opcuasm.daemon.audit;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who changed what in the plant, and in the daemon: {@code --audit-log FILE}, one JSON object a line (docs/security.md).
 *
 * <p>What changes something is recorded twice. {@link #begin} records the attempt and completes when the kernel has taken
 * the line; only then may the request be sent. So whenever the daemon is killed, there is no change without its line: an
 * attempt without a result is one whose outcome nobody knows. The line is not forced to the disk: what survives the
 * process need not survive a power failure, where waiting for the disk would cost each change some milliseconds.
 * {@link AuditEntry#end} records the result, {@link #note} what changes nothing: sessions opened, peers turned away.
 *
 * <p>It fails closed. While lines cannot be written, or {@value AuditWriter#MAX_WAITING} of them wait, {@code begin} fails
 * with {@code overloaded} and outcome {@code not_sent}; each further attempt tries the file again, so that changes go on as
 * soon as it can be written. A slow disk delays changes, and nothing else.
 *
 * <p>An entry's id is a random number of this run and the count of its entries: a number that is missing is an attempt
 * that was refused for want of a record, an entry counted as lost, or a line that somebody removed.
 *
 * <p>All methods may be called from any thread, and none waits but {@link #open} and {@link #close}.
 */
public final class AuditLog implements AutoCloseable {
    private final CompletableFuture<AuditEntry> nothing = CompletableFuture.completedFuture(AuditEntry.NONE);
    private final @Nullable AuditFile file;
    private final @Nullable AuditWriter writer;
    private final String name;
    private final InstantSource clock;
    private final Ticker ticker;
    private final String run;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final NoteQuotas quotas;

    /**
     * A log that writes to {@code path}; {@link #open} it.
     *
     * @param executor carries out what blocks; one task at a time
     */
    public AuditLog(Path path, Executor executor, InstantSource clock, Ticker ticker, RandomGenerator random) {
        this(new AuditFile(path), path.toString(), executor, clock, ticker, random);
    }

    /** @param file null = nothing is recorded */
    AuditLog(
            @Nullable AuditFile file,
            String name,
            Executor executor,
            InstantSource clock,
            Ticker ticker,
            RandomGenerator random) {
        this.file = file;
        this.writer = file == null ? null : new AuditWriter(file, name, executor);
        this.name = name;
        this.clock = clock;
        this.ticker = ticker;
        this.run = HexFormat.of().toHexDigits(random.nextLong());
        this.quotas = new NoteQuotas(ticker);
    }

    /** Records nothing, at no cost. */
    public static AuditLog none() {
        return new AuditLog(null, "none", Runnable::run, InstantSource.system(), Ticker.SYSTEM, () -> 0);
    }

    /** Whether anything is recorded: if not, nobody need find out what it would be. */
    public boolean isRecording() {
        return writer != null;
    }

    /**
     * Opens the file. Blocks.
     *
     * @throws DaemonStartException if it cannot be written to, or should not be
     */
    public void open() throws DaemonStartException {
        if (file == null) {
            return;
        }
        try {
            file.open();
        } catch (IOException e) {
            throw new DaemonStartException(
                    "Cannot use " + name + " for --audit-log: " + AuditWriter.reason(e)
                            + ". Name a file of this user's that nobody else may write, in a directory that exists",
                    e);
        }
    }

    /**
     * Records an attempt.
     *
     * @return completes, on any thread, when the change may be made; fails with {@code overloaded}, outcome {@code
     *     not_sent}, if it must not, since it cannot be recorded
     */
    public CompletableFuture<AuditEntry> begin(Actor actor, AuditEvent event, Subject subject) {
        if (writer == null) {
            return nothing;
        }
        long begun = ticker.read();
        String id = nextId();
        byte[] line = AuditLine.attempt(clock.instant(), id, actor, event, subject);
        CompletableFuture<AuditEntry> entry = new CompletableFuture<>();
        writer.write(line, AuditWriter.Room.ATTEMPTS).whenComplete((done, failure) -> {
            if (failure == null) {
                entry.complete(new Begun(writer, id, actor, event, subject, begun));
            } else {
                refused.incrementAndGet();
                entry.completeExceptionally(new CommandException(
                        ErrorType.OVERLOADED,
                        "Not sent: the change cannot be recorded in the audit log now; the daemon's log says why",
                        null,
                        Outcome.NOT_SENT,
                        failure));
            }
        });
        return entry;
    }

    /** Records what is over. If it cannot be, that is counted. Refusals and sessions have a quota ({@link NoteQuotas}). */
    public void note(Actor actor, AuditEvent event, Subject subject, AuditResult result) {
        if (writer == null) {
            return;
        }
        List<NoteQuotas.Suppressed> displaced = new ArrayList<>(0);
        long suppressed;
        synchronized (quotas) {
            suppressed = quotas.take(actor, event, result, displaced);
        }
        displaced.forEach(untold -> tell(writer, untold));
        if (suppressed >= 0) {
            byte[] line = AuditLine.note(clock.instant(), nextId(), actor, event, subject, result, suppressed);
            tell(writer, line, AuditWriter.Room.NOTES);
        }
    }

    private void tell(AuditWriter target, NoteQuotas.Suppressed untold) {
        Subject subject = new Subject("suppressed", null, null, List.of());
        byte[] line = AuditLine.note(
                clock.instant(), nextId(), untold.actor(), untold.event(), subject, untold.result(), untold.count());
        tell(target, line, AuditWriter.Room.NOTES);
    }

    /** Opens the file anew, in the background: the one at the path was moved away, and another is made. */
    public void reopen() {
        if (writer != null) {
            writer.reopen();
            note(Actor.daemon(), AuditEvent.DAEMON, Subject.ofDaemon("reopen"), AuditResult.done(List.of()));
        }
    }

    /** Changes that were refused because they could not be recorded. */
    public long refused() {
        return refused.get();
    }

    /** Results and notes that could not be recorded. */
    public long lost() {
        return lost.get();
    }

    /** Writes what waits, within a second, and closes the file. Nothing is recorded afterwards. May run twice. */
    @Override
    public void close() {
        if (writer != null) {
            List<NoteQuotas.Suppressed> untold;
            synchronized (quotas) {
                untold = quotas.takeUntold();
            }
            untold.forEach(suppressed -> tell(writer, suppressed));
            writer.close();
        }
    }

    private String nextId() {
        return run + "-" + count.incrementAndGet();
    }

    private void tell(AuditWriter target, byte[] line, AuditWriter.Room room) {
        target.write(line, room).whenComplete((done, failure) -> {
            if (failure != null) {
                lost.incrementAndGet();
            }
        });
    }

    /** An attempt that was recorded. */
    private final class Begun implements AuditEntry {
        private final AuditWriter target;
        private final String id;
        private final Actor actor;
        private final AuditEvent event;
        private final Subject subject;
        private final long begun;
        private final AtomicBoolean ended = new AtomicBoolean();

        Begun(AuditWriter target, String id, Actor actor, AuditEvent event, Subject subject, long begun) {
            this.target = target;
            this.id = id;
            this.actor = actor;
            this.event = event;
            this.subject = subject;
            this.begun = begun;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public void end(AuditResult result) {
            if (ended.compareAndSet(false, true)) {
                Duration duration = Duration.ofNanos(ticker.read() - begun);
                byte[] line = AuditLine.result(clock.instant(), id, actor, event, subject, result, duration);
                tell(target, line, AuditWriter.Room.RESULTS);
            }
        }
    }
}
