package io.github.opcuasm.daemon.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to one thing, entry by entry, in a file that outlasts the daemon. Whoever keeps it can tell at any time what
 * of it still matters, and is asked to when the file has grown to more than twice that, when the disk was too slow for the
 * entries that came, or when one could not be written: then the file is written anew, and everything is in it again.
 *
 * <p>Nothing here waits for the disk. One thread writes, all that waits at once; what waits is bounded, and beyond that
 * nothing is taken in until the file is written anew. Nothing is forced to the disk.
 *
 * <p>Thread-safe.
 */
public final class Journal {
    static final int MAX_WAITING = 2_048;
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int SMALL_FILE_BYTES = 64 * 1024;

    private final Journals journals;
    private final Path file;
    private final Keeper keeper;
    private final Object lock = new Object();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Anew anew;
    /** Whether the file says less than has happened. */
    private boolean behind = true;

    private boolean scheduled;
    private boolean asked;
    private boolean over;
    private long lastSerial;
    private volatile long living;
    /** The writing thread's. */
    private @Nullable JournalFile current;

    /** One thing that happened, or that matters still. */
    @FunctionalInterface
    public interface Entry {
        /** On the writing thread. */
        byte[] encode();
    }

    /** Who keeps a journal. Called on the writing thread. */
    public interface Keeper {
        /** All entries up to this one are in the file, or do not matter any more. */
        void written(long serial);

        /** The file should be {@link Journal#rewrite written anew}. */
        void rewriteWanted();
    }

    /** An entry on its way to the file. */
    private record Waiting(Entry entry, long serial) {}

    /** What the file shall hold instead of what it holds. */
    private record Anew(List<Entry> entries, long serial) {}

    Journal(Journals journals, Path file, Keeper keeper) {
        this.journals = journals;
        this.file = file;
        this.keeper = keeper;
    }

    /**
     * Something has happened. Before the first {@link #rewrite} nothing is taken in.
     *
     * @return rises with each entry
     */
    public long append(Entry entry) {
        synchronized (lock) {
            lastSerial++;
            if (!behind && !over) {
                if (waiting.size() < MAX_WAITING) {
                    waiting.addLast(new Waiting(entry, lastSerial));
                } else {
                    waiting.clear();
                    behind = true;
                }
                schedule();
            }
            return lastSerial;
        }
    }

    /**
     * This is all that matters: the file is written anew.
     *
     * @return as {@link #append}
     */
    public long rewrite(List<Entry> matters) {
        synchronized (lock) {
            lastSerial++;
            if (!over) {
                anew = new Anew(List.copyOf(matters), lastSerial);
                waiting.clear();
                behind = false;
                asked = false;
                schedule();
            }
            return lastSerial;
        }
    }

    /** Says how many bytes of the file matter, roughly. */
    public void living(long bytes) {
        living = bytes;
    }

    /** Nothing more happens; what waits is written, and the file stays. */
    public void close() {
        synchronized (lock) {
            over = true;
            schedule();
        }
    }

    /** Nothing of it matters any more: the file goes. */
    public void remove() {
        synchronized (lock) {
            over = true;
            waiting.clear();
            anew = null;
            behind = true;
        }
        journals.execute(this::delete);
    }

    /** Writes all that waits now; on the writing thread. */
    void drain() {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = writeNext();
        }
    }

    /** Holding the lock. */
    private void schedule() {
        if (!scheduled) {
            scheduled = journals.execute(this::writeAndGoOn);
        }
    }

    private void writeAndGoOn() {
        synchronized (lock) {
            scheduled = false;
        }
        if (writeNext()) {
            // Others' turn in between.
            synchronized (lock) {
                schedule();
            }
        } else {
            boolean ended;
            synchronized (lock) {
                ended = over;
            }
            if (ended) {
                closeFile();
                journals.closed(this);
            }
        }
    }

    private boolean writeNext() {
        StateSeal seal = journals.sealIfHeld();
        Anew rewriting;
        List<Waiting> batch;
        synchronized (lock) {
            if (seal == null) {
                waiting.clear();
                anew = null;
                behind = true;
                return false;
            }
            rewriting = anew;
            batch = rewriting == null ? List.copyOf(waiting) : List.of();
            anew = null;
            if (rewriting == null) {
                waiting.clear();
            }
        }
        try {
            if (rewriting != null) {
                closeFile();
                current = JournalFile.begin(file, seal, blocks(rewriting.entries()));
                written(rewriting.serial());
            } else if (!batch.isEmpty()) {
                append(batch.stream().map(Waiting::entry).toList());
                written(batch.get(batch.size() - 1).serial());
            }
        } catch (IOException e) {
            failed(e);
            return false;
        }
        askIfWanted();
        synchronized (lock) {
            return anew != null || !waiting.isEmpty();
        }
    }

    private void written(long serial) {
        journals.works();
        keeper.written(serial);
    }

    private void append(List<Entry> batch) throws IOException {
        JournalFile file = current;
        if (file != null) {
            for (byte[] block : blocks(batch)) {
                file.append(block);
            }
        }
    }

    /** Entries together, as long as that makes blocks of no great size. */
    private static List<byte[]> blocks(List<Entry> entries) {
        List<byte[]> blocks = new ArrayList<>();
        List<byte[]> block = new ArrayList<>();
        int bytes = 0;
        for (Entry entry : entries) {
            byte[] encoded = entry.encode();
            block.add(encoded);
            bytes += encoded.length;
            if (bytes >= BATCH_BYTES) {
                blocks.add(block(block));
                block.clear();
                bytes = 0;
            }
        }
        if (!block.isEmpty()) {
            blocks.add(block(block));
        }
        return blocks;
    }

    private static byte[] block(List<byte[]> entries) {
        PartWriter out = new PartWriter().number(entries.size());
        entries.forEach(out::bytes);
        return out.toBytes();
    }

    /** The file stays as it is: what was written whole is still true, if not all. */
    private void failed(IOException cause) {
        closeFile();
        synchronized (lock) {
            waiting.clear();
            behind = anew == null;
        }
        journals.failed(cause, () -> {
            synchronized (lock) {
                asked = false;
            }
            askIfWanted();
        });
    }

    private void askIfWanted() {
        JournalFile file = current;
        boolean large = file != null && file.size() > 2 * living + SMALL_FILE_BYTES;
        synchronized (lock) {
            if (over || asked || !(behind || large)) {
                return;
            }
            asked = true;
        }
        keeper.rewriteWanted();
    }

    private void closeFile() {
        JournalFile open = current;
        current = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                journals.notClosed(e);
            }
        }
    }

    private void delete() {
        closeFile();
        journals.delete(file);
        journals.closed(this);
    }
}
