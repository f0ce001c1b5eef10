package io.github.opcuasm.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a file or a directory is to be on a server: in which directory, and under which name. It is named as everything is,
 * by a node id or a path; of a path the last step may be what is not there yet, and is the name then.
 *
 * @param directory where it is to be; null if what is there was named by itself
 * @param existing what is there already; null if nothing is
 * @param isInNamedDirectory whether the directory was named, and not the file or its path
 */
record Destination(
        @Nullable Object directory, String name, @Nullable RemoteFile existing, boolean isInNamedDirectory) {
    /**
     * Finds it.
     *
     * @param text an existing file or directory, or a path whose last step does not exist yet
     * @param name what it is to be called if that is a directory
     * @throws UsageException if it can be nowhere
     */
    static Destination of(RemoteFiles files, String label, String text, String name) {
        RemoteFile found = files.existing(label, text);
        if (found == null) {
            Destination created = below(files, label, text);
            if (created == null) {
                throw new UsageException(label + ": there is no directory for " + text
                        + ": name one that is there; `file mkdir -p` makes one");
            }
            return created;
        }
        if (found.kind() == RemoteFile.Kind.OTHER) {
            throw new UsageException(label + ": got " + text + ", which is "
                    + found.kind().shown() + "; `file ls` shows the directories of the server");
        }
        return found.isDirectory()
                ? in(files, found.nodeId(), name)
                : new Destination(null, found.name(), found, false);
    }

    /** In a directory that is there. */
    static Destination in(RemoteFiles files, Object directory, String name) {
        return new Destination(directory, name, files.child(directory, name), true);
    }

    /** By a path whose last step does not exist; null if the one before it is no directory, or there is none. */
    private static @Nullable Destination below(RemoteFiles files, String label, String path) {
        List<String> steps = steps(path);
        String parent = parent(path);
        RemoteFile directory = steps.size() < 2 ? null : files.existing(label, parent);
        return directory == null || !directory.isDirectory()
                ? null
                : new Destination(directory.nodeId(), name(label, steps.get(steps.size() - 1)), null, false);
    }

    /** The steps of a path, with their namespaces; none of a node id. */
    static List<String> steps(String path) {
        return path.startsWith("/") ? List.of(path.substring(1).split("(?<!&)/", -1)) : List.of();
    }

    /** A path without its last step. */
    static String parent(String path) {
        List<String> steps = steps(path);
        return "/" + String.join("/", steps.subList(0, Math.max(0, steps.size() - 1)));
    }

    /** The name in a step, which the directory puts in a namespace of its own choice. */
    static String name(String label, String step) {
        String name = step.replaceFirst("^[0-9]{1,5}:", "").replaceAll("&(.)", "$1");
        if (name.isEmpty()) {
            throw new UsageException(label + ": expected a name at the end of the path");
        }
        return name;
    }
}
