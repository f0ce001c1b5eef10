package io.github.opcuasm.daemon.state;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in a state directory: {@code sessions/}, journals beside them ({@link Journals}), their key in {@code own/state.key}, what could not be used in
 * {@code set-aside/}.
 *
 * <p>One thread writes. Each record has at most one change waiting, and a newer one takes its place (<em>latest wins</em>);
 * what a record holds is asked for when its turn comes. So no more waits than there are records, however slow the disk.
 * Changes that somebody waits for go before the others, each kind in its order. A record that was never written and is
 * removed meanwhile costs nothing.
 *
 * <p>A change that fails stays, and is tried again with the next one or after some seconds; who waits for it or for one
 * behind it is told at once. Trouble is logged once, and once that it is over. Nobody ever waits for the disk here: futures
 * complete on the writing thread, which their dependents must leave soon.
 *
 * <p>Before each change, it asks whether the directory is still this daemon's. If not, it never writes again: the state is
 * another one's now.
 */
public final class StateStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateStore.class);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final StateFiles files;
    private final StateKey key;
    private final SetAside setAside;
    private final Journals journals;
    private final ScheduledExecutorService writer;
    private final Object lock = new Object();
    private final Map<String, Change> urgent = new LinkedHashMap<>();
    private final Map<String, Change> later = new LinkedHashMap<>();
    /** Records that have a file, or may have one. */
    private final Set<String> written = new HashSet<>();

    private volatile BooleanSupplier held = () -> true;
    private @Nullable StateSeal seal;
    private @Nullable String trouble;
    private boolean scheduled;
    private boolean retryScheduled;

    /** What shall become of a record; without content it is removed. */
    private record Change(@Nullable Supplier<List<StatePart>> content, CompletableFuture<Void> done) {}

    /**
     * Touches nothing yet; until {@link #open} nothing is written.
     *
     * @param writer one thread
     */
    public StateStore(Path stateDirectory, ScheduledExecutorService writer, InstantSource clock) {
        this.setAside = new SetAside(stateDirectory.resolve("set-aside"), clock);
        this.files = new StateFiles(stateDirectory.resolve("sessions"));
        this.key = new StateKey(stateDirectory.resolve("own"), setAside);
        this.journals = new Journals(stateDirectory.resolve("journals"), writer, setAside);
        this.writer = writer;
    }

    /** What happens to things that have a record here; of use once this is {@link #open}. */
    public Journals journals() {
        return journals;
    }

    /**
     * Reads all records; does I/O. What cannot be used is set aside with a warning. If the directory itself cannot be
     * used, that is an error in the log, and nothing is remembered in this run.
     *
     * @param stillHeld whether the directory belongs to this daemon; asked on the writing thread
     */
    public List<StateRecord> open(BooleanSupplier stillHeld) {
        List<StateRecord> records = new ArrayList<>();
        try {
            List<Path> found = files.prepare();
            StateKey.Found keyFound = key.load();
            if (keyFound.lost() != null && !found.isEmpty()) {
                LOG.warn(
                        "The key of the state {}. What the {} files in {} hold is lost: they are set aside in {}, and whoever"
                                + " used those sessions has to open them again. A new key was made",
                        keyFound.lost(),
                        found.size(),
                        files.directory(),
                        setAside.directory());
                found.forEach(setAside::move);
            } else {
                found.forEach(file -> read(file, keyFound.seal(), records));
            }
            journals.open(keyFound.seal(), stillHeld);
            synchronized (lock) {
                seal = keyFound.seal();
                held = stillHeld;
                records.forEach(record -> written.add(record.name()));
            }
        } catch (IOException e) {
            LOG.error(
                    "The state in {} cannot be used ({}): sessions of before are not restored, and those of this run will"
                            + " not be",
                    files.directory(),
                    SetAside.reason(e));
        }
        return records;
    }

    /**
     * Writes a record soon, before those that can wait.
     *
     * @param content asked for on the writing thread, when the turn has come
     * @return completes on the writing thread when this content, or a later one, is in its file; fails when that cannot be
     *     written now, though it is tried on
     */
    public CompletableFuture<Void> write(String record, Supplier<List<StatePart>> content) {
        return change(record, content, true);
    }

    /** As {@link #write}, when nothing else is to be done. */
    public void writeLater(String record, Supplier<List<StatePart>> content) {
        CompletableFuture<Void> unused = change(record, content, false);
    }

    /** Removes a record, as soon as {@link #write} writes one. */
    public void remove(String record) {
        synchronized (lock) {
            if (!written.contains(record)) {
                Change never = urgent.remove(record);
                Change neverLater = later.remove(record);
                complete(never);
                complete(neverLater);
                return;
            }
        }
        CompletableFuture<Void> unused = change(record, null, true);
    }

    /**
     * Sets a record aside that could be read and is of no use; does I/O.
     *
     * @param defect to follow the file's name: {@code has no part "handle"}
     */
    public void setAside(String record, String defect) {
        warn(files.of(record), defect);
        setAside.move(files.of(record));
        synchronized (lock) {
            written.remove(record);
        }
    }

    /** Completes when all that waits now has been tried: is written, or cannot be. */
    public CompletableFuture<Void> flush() {
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        try {
            writer.execute(() -> {
                carryOutAll();
                journals.drain();
                flushed.complete(null);
            });
        } catch (RejectedExecutionException e) {
            flushed.complete(null);
        }
        return flushed;
    }

    /** From now on nothing is written; {@link #flush} first. */
    @Override
    public void close() {
        giveUp();
    }

    private void read(Path file, StateSeal opener, List<StateRecord> records) {
        try {
            records.add(files.read(file, opener));
        } catch (DamagedStateException e) {
            warn(file, String.valueOf(e.getMessage()));
            setAside.move(file);
        } catch (IOException e) {
            LOG.warn("The state file {} cannot be read now and is left as it is ({})", file, SetAside.reason(e));
        }
    }

    private void warn(Path file, String defect) {
        String name = file.getFileName().toString();
        if (StateFiles.isNamedAsRecord(file)) {
            LOG.warn(
                    "The state file {} {}. It is set aside in {}{}",
                    name,
                    defect,
                    setAside.directory(),
                    lostWith(name));
        } else {
            LOG.warn(
                    "{} in {} is no state file. It is set aside in {}",
                    name.matches("[\\w.-]{1,120}") ? name : "Something with an odd name",
                    files.directory(),
                    setAside.directory());
        }
    }

    /** What that means to whoever reads it. */
    private static String lostWith(String name) {
        if (name.startsWith(StateRecord.HANDLE)) {
            return ", and its session id is lost: whoever used that has to open again";
        }
        if (name.startsWith(StateRecord.SUBSCRIPTION)) {
            return ", and its subscription is lost, with the messages that wait";
        }
        return name.startsWith(StateRecord.SESSION)
                ? ": its handle, if that can be read, goes on with a new OPC UA session"
                : "";
    }

    private CompletableFuture<Void> change(
            String record, @Nullable Supplier<List<StatePart>> content, boolean isUrgent) {
        Change change;
        synchronized (lock) {
            if (seal == null) {
                return CompletableFuture.completedFuture(null);
            }
            Change waiting = urgent.get(record);
            Change low = waiting == null ? later.remove(record) : null;
            CompletableFuture<Void> done =
                    waiting != null ? waiting.done() : low != null ? low.done() : new CompletableFuture<>();
            change = new Change(content, done);
            (waiting != null || isUrgent ? urgent : later).put(record, change);
            schedule();
        }
        return change.done();
    }

    /** Holding the lock. */
    private void schedule() {
        if (!scheduled) {
            try {
                writer.execute(this::carryOutAll);
                scheduled = true;
            } catch (RejectedExecutionException e) {
                LOG.debug("Nothing is written any more");
            }
        }
    }

    private void carryOutAll() {
        synchronized (lock) {
            scheduled = false;
        }
        boolean goesOn = true;
        while (goesOn) {
            goesOn = carryOutNext();
        }
    }

    private boolean mayWrite() {
        if (held.getAsBoolean()) {
            return true;
        }
        if (giveUp()) {
            LOG.error(
                    "The lock of the state directory was removed, and another daemon may have taken it: nothing is written"
                            + " to {} any more. End one of the two",
                    files.directory());
        }
        return false;
    }

    private boolean carryOutNext() {
        String record;
        Change change;
        StateSeal sealer;
        boolean isUrgent;
        synchronized (lock) {
            isUrgent = !urgent.isEmpty();
            Iterator<Map.Entry<String, Change>> first =
                    (isUrgent ? urgent : later).entrySet().iterator();
            sealer = seal;
            if (sealer == null || !first.hasNext()) {
                return false;
            }
            Map.Entry<String, Change> next = first.next();
            record = next.getKey();
            change = next.getValue();
            first.remove();
            written.add(record);
        }
        if (!mayWrite()) {
            complete(change);
            return false;
        }
        try {
            carryOut(record, change, sealer);
        } catch (IOException e) {
            failed(record, change, isUrgent, SetAside.reason(e));
            return false;
        }
        synchronized (lock) {
            if (change.content() == null) {
                written.remove(record);
            }
        }
        worksAgain();
        complete(change);
        return true;
    }

    private void carryOut(String record, Change change, StateSeal sealer) throws IOException {
        Supplier<List<StatePart>> content = change.content();
        if (content == null) {
            files.delete(record);
            return;
        }
        StateRecord now;
        try {
            now = new StateRecord(record, content.get());
        } catch (RuntimeException e) {
            LOG.error("The record {} is not written: what it should hold cannot be told", record, e);
            return;
        }
        try {
            files.write(now, sealer);
        } catch (DamagedStateException e) {
            LOG.warn("The record {} is not written: it {}", record, e.getMessage());
        }
    }

    /** Everybody who waits is told; the change stays, unless there is a newer one. */
    private void failed(String record, Change change, boolean isUrgent, String reason) {
        List<CompletableFuture<Void>> waiters = new ArrayList<>();
        boolean isNew;
        synchronized (lock) {
            if (!urgent.containsKey(record) && !later.containsKey(record)) {
                (isUrgent ? urgent : later).put(record, change);
            }
            for (Map<String, Change> changes : List.of(urgent, later)) {
                changes.replaceAll((name, each) -> {
                    waiters.add(each.done());
                    return new Change(each.content(), new CompletableFuture<>());
                });
            }
            isNew = !reason.equals(trouble);
            trouble = reason;
            if (!retryScheduled) {
                try {
                    writer.schedule(this::retry, RETRY.toMillis(), TimeUnit.MILLISECONDS);
                    retryScheduled = true;
                } catch (RejectedExecutionException e) {
                    LOG.debug("Nothing is tried again any more");
                }
            }
        }
        if (isNew) {
            LOG.warn(
                    "The state cannot be written to {} ({}): what changes now may be lost if the daemon is killed. It is"
                            + " tried on",
                    files.directory(),
                    reason);
        }
        IOException failure = new IOException("the state cannot be written: " + reason);
        waiters.forEach(waiter -> waiter.completeExceptionally(failure));
        change.done().completeExceptionally(failure);
    }

    private void retry() {
        synchronized (lock) {
            retryScheduled = false;
        }
        carryOutAll();
    }

    private void worksAgain() {
        boolean worked;
        synchronized (lock) {
            worked = trouble == null;
            trouble = null;
        }
        if (!worked) {
            LOG.info("The state is written again");
        }
    }

    /** Returns whether anything was written until now. */
    private boolean giveUp() {
        List<Change> waiting = new ArrayList<>();
        boolean wrote;
        journals.close();
        synchronized (lock) {
            wrote = seal != null;
            seal = null;
            waiting.addAll(urgent.values());
            waiting.addAll(later.values());
            urgent.clear();
            later.clear();
        }
        waiting.forEach(StateStore::complete);
        return wrote;
    }

    private static void complete(@Nullable Change change) {
        if (change != null) {
            change.done().complete(null);
        }
    }
}
