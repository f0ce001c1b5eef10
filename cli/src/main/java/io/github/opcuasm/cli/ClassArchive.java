package io.github.opcuasm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The archive of classes that the launcher made this JVM start from. The JVM leaves out, without a word, one that does not
 * fit (another build of the JDK, a jar that was replaced, a damaged file), and starts slowly then. So that this happens
 * once, the file goes: the next start makes a new one.
 */
final class ClassArchive {
    private static final String PATH = "opcuasm.archive";

    private ClassArchive() {}

    /** Deletes the archive if there is one and this JVM does not use it. Fails silently: all there is to lose is time. */
    static void dropUnusable() {
        String path = System.getProperty(PATH);
        if (path == null || System.getProperty("java.vm.info", "").contains("sharing")) {
            return;
        }
        try {
            Files.deleteIfExists(Path.of(path));
        } catch (IOException e) {
            // Not ours to delete: every start will be as slow as this one.
        }
    }
}
