package io.github.opcuasm.daemon.state;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of the records, {@code sessions/NAME.sealed}. Not thread-safe. */
final class StateFiles {
    private static final Logger LOG = LoggerFactory.getLogger(StateFiles.class);
    static final String SUFFIX = ".sealed";
    /** More than a subscription with tens of thousands of items has; keeps a wrong file from filling the heap. */
    static final int MAX_BYTES = 16 << 20;

    private final Path directory;

    StateFiles(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory, shuts it, removes what a crash left half; returns what lies there, sorted. */
    List<Path> prepare() throws IOException {
        PrivateFiles.makeDirectory(directory);
        if (PrivateFiles.shut(directory)) {
            LOG.warn("The directory {} was open to other users and is shut", directory);
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path path : (Iterable<Path>) all.sorted()::iterator) {
                String name = path.getFileName().toString();
                if (name.endsWith(PrivateFiles.TEMPORARY_SUFFIX)
                        && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(path);
                } else {
                    found.add(path);
                }
            }
        }
        return found;
    }

    /** Whether a file is called as a record's file would be. */
    static boolean isNamedAsRecord(Path file) {
        return file.getFileName().toString().matches(StateRecord.NAME + "\\" + SUFFIX);
    }

    /**
     * Reads a record.
     *
     * @throws DamagedStateException with what is wrong
     * @throws IOException if it cannot be read now
     */
    StateRecord read(Path file, StateSeal seal) throws IOException {
        String name = file.getFileName().toString();
        if (!isNamedAsRecord(file)) {
            throw new DamagedStateException("is none of ours");
        }
        byte[] content;
        try {
            content = PrivateFiles.read(file, MAX_BYTES);
        } catch (PrivateFiles.UnfitFileException e) {
            throw new DamagedStateException(String.valueOf(e.getMessage()), e);
        }
        return StateRecord.decode(name.substring(0, name.length() - SUFFIX.length()), seal.open(name, content));
    }

    void write(StateRecord record, StateSeal seal) throws IOException {
        Path file = of(record.name());
        byte[] sealed = seal.seal(file.getFileName().toString(), record.encode());
        if (sealed.length > MAX_BYTES) {
            throw new DamagedStateException("would be larger than " + MAX_BYTES + " bytes");
        }
        PrivateFiles.replaceUnforced(file, sealed);
    }

    void delete(String record) throws IOException {
        Files.deleteIfExists(of(record));
    }

    Path of(String record) {
        return directory.resolve(record + SUFFIX);
    }

    Path directory() {
        return directory;
    }
}
