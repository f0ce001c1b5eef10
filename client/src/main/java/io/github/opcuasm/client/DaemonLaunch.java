package io.github.opcuasm.client;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A daemon that was started, in a session of its own, and what it has said since. */
final class DaemonLaunch {
    private static final String PROGRAM = "opcua-session-manager";
    private static final String COMMAND_VARIABLE = "OPCUA_DAEMON_COMMAND";
    private static final String TOKEN_VARIABLE = "OPCUA_AUTH_TOKEN";
    private static final boolean WINDOWS = File.separatorChar == '\\';
    private static final int LAST_LINES = 3;
    private static final int LAST_BYTES = 4096;
    private static final int LONGEST_LINE = 300;

    /**
     * Leaves the terminal's session, so that neither Ctrl-C nor its end reaches the daemon. Where there is no setsid
     * (macOS), the daemon ignores what they send. The PID stays the same.
     */
    private static final String DETACHED =
            "if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; fi; trap '' HUP INT QUIT; exec \"$@\"";

    private final String program;
    private final Process process;
    private final Path log;
    private final long logStart;

    private DaemonLaunch(String program, Process process, Path log, long logStart) {
        this.program = program;
        this.process = process;
        this.log = log;
        this.logStart = logStart;
    }

    /** The command that the environment has for it. */
    static List<String> defaultCommand(Map<String, String> environment) throws IOException {
        String given = environment.getOrDefault(COMMAND_VARIABLE, "").strip();
        if (!given.isEmpty()) {
            return isProgram(given) ? List.of(given) : List.of(given.split("\\s+", -1));
        }
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            for (String suffix : WINDOWS ? List.of(".exe", ".cmd", ".bat") : List.of("")) {
                String candidate = directory + File.separator + PROGRAM + suffix;
                if (!directory.isEmpty() && isProgram(candidate)) {
                    return List.of(candidate);
                }
            }
        }
        throw new IOException(
                "there is no " + PROGRAM + " on the PATH: install it, or set " + COMMAND_VARIABLE + " to the command");
    }

    private static boolean isProgram(String path) {
        try {
            return Files.isExecutable(Path.of(path)) && Files.isRegularFile(Path.of(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Starts the command.
     *
     * @param token for the daemon to ask for; null leaves it what the environment has
     */
    static DaemonLaunch start(List<String> command, @Nullable String token, Path log) throws IOException {
        List<String> words = new ArrayList<>(WINDOWS ? List.of() : List.of("/bin/sh", "-c", DETACHED, "sh"));
        words.addAll(command);
        long logStart = Files.size(log);
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectInput(new File(WINDOWS ? "NUL" : "/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(log.toFile()));
        if (token != null) {
            builder.environment().put(TOKEN_VARIABLE, token);
        }
        return new DaemonLaunch(command.get(0), builder.start(), log, logStart);
    }

    boolean hasEnded() {
        return !process.isAlive();
    }

    /** Whether it ended because another daemon has, or is about to have, the endpoint. */
    boolean lostToAnother() {
        String said = said();
        return said.contains("Another daemon instance is already running")
                || said.contains("Another process is listening on");
    }

    /** For a message: how it ended, and what it said last. */
    String lastWords() {
        List<String> lines = said().strip().lines().toList();
        StringBuilder last = new StringBuilder();
        for (int i = Math.max(0, lines.size() - LAST_LINES); i < lines.size(); i++) {
            String line = lines.get(i).strip();
            last.append(last.isEmpty() ? "" : " | ")
                    .append(line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE - 1) + "…");
        }
        return program + " ended with " + process.exitValue() + ": " + (last.isEmpty() ? "it said nothing" : last);
    }

    /** For a message: that it lives and does not answer. */
    String lateness(Duration bound) {
        return hasEnded()
                ? "another daemon was starting there and did not answer within " + bound.toSeconds() + " s"
                : program + " (PID " + process.pid() + ") did not answer within " + bound.toSeconds() + " s, see "
                        + log;
    }

    /** The end of what it wrote to its log. */
    private String said() {
        try (FileChannel file = FileChannel.open(log)) {
            long from = Math.max(logStart, file.size() - LAST_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate(LAST_BYTES);
            while (bytes.hasRemaining() && file.read(bytes, from + bytes.position()) > 0) {
                // until the end of the file
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "its log " + log + " cannot be read: " + DaemonSocket.reason(e);
        }
    }
}
