package io.github.opcuasm.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with a file of ours, said before anything is asked of a server where it can be. */
final class LocalFile {
    /** How the JDK words it: the name, and in parentheses the system's reason. */
    private static final Pattern NAME_AND_REASON = Pattern.compile(".*\\(([^()]+)\\)", Pattern.DOTALL);

    private LocalFile() {}

    static void checkReadable(Path file) {
        if (!Files.exists(file)) {
            throw new UsageException("LOCAL: " + file + " is not there");
        }
        if (Files.isDirectory(file)) {
            throw new UsageException("LOCAL: " + file + " is a directory: expected one file");
        }
        if (!Files.isReadable(file)) {
            throw new UsageException("LOCAL: " + file + " is there, but its permissions do not let you read it");
        }
    }

    /** @param text as it was given: with a slash at its end it can only be a directory */
    static void checkWritable(Path file, String text) {
        Path parent = file.toAbsolutePath().getParent();
        if (text.endsWith("/") || (parent != null && !Files.isDirectory(parent))) {
            throw new UsageException("LOCAL: there is no directory " + (text.endsWith("/") ? text : parent)
                    + ": make it first, or name another one");
        }
    }

    /** Why it could not be read or written, without its name. */
    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        Matcher both = NAME_AND_REASON.matcher(message);
        return e instanceof FileNotFoundException && both.matches() ? both.group(1) : message;
    }
}
