package io.github.opcuasm.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * The archive of classes that the launcher has this JVM start from (class data sharing). Its name tells kind, build,
 * installation and JDK; the launcher only looks whether there is a file of that name that belongs to us. The JVM leaves out,
 * without a word, one that does not fit (another build of the JDK, a jar that was replaced, a damaged file), and starts
 * slowly then. Whoever starts without an archive has an {@link ArchiveBuilder} make one, in the background.
 *
 * <p>Everything here fails silently: all there is to lose is time.
 */
final class ClassArchive {
    /** Where it is, or would be. */
    private static final String PATH = "opcuasm.archive";
    /** Whether the launcher found it and told the JVM to use it. */
    private static final String FOUND = "opcuasm.archive.found";
    /** The launcher's options for the JVM, with blanks between them: an archive serves JVMs with the same ones only. */
    private static final String FLAGS = "opcuasm.archive.flags";

    private static final Set<String> DAEMON_BUT_NOT_FOR_LONG =
            Set.of("-h", "--help", "-v", "--version", "--check-config");

    private ClassArchive() {}

    /** Has one made if this JVM was to have one, has none, and will not be the last of its kind. */
    static void renew(String[] args) {
        String path = System.getProperty(PATH);
        if (path == null
                || (System.getProperty(FOUND) != null
                        && System.getProperty("java.vm.info", "").contains("sharing"))) {
            return;
        }
        try {
            if (isWorthOne(path, args) && makeRoom(Path.of(path))) {
                startBuilder(path);
            }
        } catch (IOException | RuntimeException e) {
            // Starts stay as slow as this one.
        }
    }

    /** The daemon's classes are what the daemon loads: what prints a line and ends has no use for them. */
    private static boolean isWorthOne(String path, String[] args) {
        if (ProcessHandle.current().pid() == 1) {
            return false; // a container: it ends with us, and its files with it
        }
        if (!new File(path).getName().startsWith("daemon")) {
            return true;
        }
        return args.length == 0
                || (args[0].startsWith("-") && List.of(args).stream().noneMatch(DAEMON_BUT_NOT_FOR_LONG::contains));
    }

    /** Deletes what does not fit, and makes the directory, for us alone; false if there is no use in trying now. */
    private static boolean makeRoom(Path archive) throws IOException {
        Path cache = directory(archive);
        Files.deleteIfExists(archive);
        if (!Files.isDirectory(cache, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    cache, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return Files.isWritable(cache) && ArchiveAttempt.isDue(ArchiveAttempt.file(archive));
    }

    /** Unlike a shell, this closes all descriptors of our callers, who may wait for an end of them or for a lock. */
    private static void startBuilder(String path) throws IOException {
        List<String> command = List.of(
                "nice",
                "-n",
                "10",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                ArchiveBuilder.class.getName(),
                path,
                System.getProperty(FLAGS, ""));
        ProcessBuilder builder = ArchiveBuilder.silent(command, Path.of("/"));
        Process unused = builder.start();
    }

    static Path directory(Path file) {
        Path directory = file.getParent();
        return directory == null ? Path.of("/") : directory;
    }
}
