package io.github.opcuasm.daemon.state;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journals in a state directory, {@code journals/NAME.journal}, each named as the record of what it belongs to. They are
 * sealed under the key of the records, and what cannot be used of them goes where that of records goes.
 *
 * <p>Trouble with the disk is logged once for all of them, and once that it is over. Thread-safe, but for reading.
 */
public final class Journals {
    private static final Logger LOG = LoggerFactory.getLogger(Journals.class);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String SUFFIX = ".journal";

    private final Path directory;
    private final ScheduledExecutorService writer;
    private final SetAside setAside;
    private final Duration retry;
    private final Set<Journal> open = ConcurrentHashMap.newKeySet();
    private volatile BooleanSupplier held = () -> true;
    private volatile @Nullable StateSeal seal;
    private @Nullable String trouble;

    /** Touches nothing yet. */
    Journals(Path directory, ScheduledExecutorService writer, SetAside setAside) {
        this(directory, writer, setAside, RETRY);
    }

    /** @param retry how long after a failure it is tried again */
    Journals(Path directory, ScheduledExecutorService writer, SetAside setAside, Duration retry) {
        this.directory = directory;
        this.writer = writer;
        this.setAside = setAside;
        this.retry = retry;
    }

    /** Makes the directory, shuts it, removes what a crash left half; does I/O. */
    void open(StateSeal with, BooleanSupplier stillHeld) throws IOException {
        PrivateFiles.makeDirectory(directory);
        if (PrivateFiles.shut(directory)) {
            LOG.warn("The directory {} was open to other users and is shut", directory);
        }
        try (Stream<Path> all = Files.list(directory)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                if (path.getFileName().toString().endsWith(PrivateFiles.TEMPORARY_SUFFIX)
                        && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(path);
                }
            }
        }
        held = stillHeld;
        seal = with;
    }

    /**
     * The entries that a journal holds, oldest first; none if there is none. Does I/O. What a process was writing when it
     * was killed is left out. Where the file is damaged, the entries end, and it is set aside with a warning.
     *
     * @param name of the record that it belongs to
     */
    public List<byte[]> read(String name) {
        StateSeal opener = seal;
        Path file = file(name);
        if (opener == null || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try {
            JournalFile.Content content = JournalFile.read(file, opener);
            if (content.damage() != null) {
                setAside(
                        file,
                        content.damage(),
                        "what follows its first " + content.entries().size() + " entries");
            }
            return content.entries();
        } catch (DamagedStateException e) {
            setAside(file, e, "what it held");
        } catch (IOException e) {
            LOG.warn("The journal {} cannot be read now ({}): the messages in it are lost", file, SetAside.reason(e));
        }
        return List.of();
    }

    private void setAside(Path file, DamagedStateException damage, String lost) {
        LOG.warn(
                "The journal {} {}: {} is lost. It is set aside in {}",
                file.getFileName(),
                damage.getMessage(),
                lost,
                setAside.directory());
        setAside.move(file);
    }

    /** A journal that is kept from now on, beginning with a {@link Journal#rewrite}. */
    public Journal keep(String name, Journal.Keeper keeper) {
        requireName(name);
        Journal journal = new Journal(this, file(name), keeper);
        open.add(journal);
        return journal;
    }

    /** Removes the journals whose record is not among these; does I/O. */
    public void removeOthers(Set<String> records) {
        if (seal == null) {
            return;
        }
        List<Path> others = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .filter(file -> !records.contains(recordOf(file)))
                    .forEach(others::add);
        } catch (IOException e) {
            LOG.debug("The journals cannot be listed", e);
        }
        others.forEach(this::delete);
    }

    private static String recordOf(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    private static void requireName(String name) {
        if (!name.matches(StateRecord.NAME)) {
            throw new IllegalArgumentException("name: got " + name + ", expected " + StateRecord.NAME);
        }
    }

    /** Writes all that waits in any of them; on the writing thread. */
    void drain() {
        open.forEach(Journal::drain);
    }

    /** From now on nothing is written. */
    void close() {
        seal = null;
    }

    /** Null if nothing may be written. */
    @Nullable
    StateSeal sealIfHeld() {
        StateSeal sealer = seal;
        return sealer != null && held.getAsBoolean() ? sealer : null;
    }

    /** On the writing thread; false if there is none any more. */
    boolean execute(Runnable action) {
        try {
            writer.execute(action);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("Nothing is written any more");
            return false;
        }
    }

    void closed(Journal journal) {
        open.remove(journal);
    }

    void delete(Path file) {
        try {
            if (sealIfHeld() != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("A journal cannot be removed; the next start does it", e);
        }
    }

    void notClosed(IOException cause) {
        LOG.debug("A journal could not be closed", cause);
    }

    /** One could not be written; {@code again} runs some time later, on the writing thread. */
    void failed(IOException cause, Runnable again) {
        String reason = SetAside.reason(cause);
        boolean isNew;
        synchronized (this) {
            isNew = !reason.equals(trouble);
            trouble = reason;
        }
        if (isNew) {
            LOG.warn(
                    "Messages cannot be written to {} ({}): they wait in memory alone, and what has come since may be lost"
                            + " if the daemon is killed. It is tried on",
                    directory,
                    reason);
        }
        try {
            writer.schedule(again, retry.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Nothing is tried again any more");
        }
    }

    void works() {
        boolean worked;
        synchronized (this) {
            worked = trouble == null;
            trouble = null;
        }
        if (!worked) {
            LOG.info("Messages are written to {} again", directory);
        }
    }
}
