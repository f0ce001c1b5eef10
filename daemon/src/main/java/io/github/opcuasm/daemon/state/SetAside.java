package io.github.opcuasm.daemon.state;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where files go that cannot be used: somebody may want to look at them. The newest {@value #KEPT} stay. Whatever goes wrong
 * here is logged and harms nothing.
 */
final class SetAside {
    private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);
    static final int KEPT = 50;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Path directory;
    private final InstantSource clock;

    SetAside(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    Path directory() {
        return directory;
    }

    /** Moves a file, a link or a directory here, if it is there at all. */
    void move(Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            PrivateFiles.makeDirectory(directory);
            prune();
            String name = TIME.format(clock.instant()) + "-" + file.getFileName();
            Path aside = directory.resolve(name);
            for (int attempt = 1; Files.exists(aside, LinkOption.NOFOLLOW_LINKS); attempt++) {
                aside = directory.resolve(name + "-" + attempt);
            }
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("{} could not be set aside in {} ({})", file, directory, reason(e));
        }
    }

    /** Makes room for one more; names begin with the time. */
    private void prune() throws IOException {
        List<Path> there = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.forEach(there::add);
        }
        Collections.sort(there);
        for (Path oldest : there.subList(0, Math.max(0, there.size() - KEPT + 1))) {
            try {
                Files.delete(oldest);
            } catch (DirectoryNotEmptyException e) {
                LOG.warn("{} is in the way of what is set aside: remove it", oldest);
            }
        }
    }

    /** Without the names of files, which differ each time. */
    static String reason(IOException e) {
        String message = e instanceof FileSystemException trouble && trouble.getReason() != null
                ? trouble.getReason()
                : e instanceof NoSuchFileException ? null : e.getMessage();
        return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
