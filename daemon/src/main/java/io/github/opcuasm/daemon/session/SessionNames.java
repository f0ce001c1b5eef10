package io.github.opcuasm.daemon.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What sessions are called on their servers where nobody says: {@code opcua-session-manager HOST PID HANDLE8}, so that a
 * server's own list of sessions tells which process on which machine holds a slot, and the first eight digits of the
 * handle that it was opened for.
 */
final class SessionNames {
    private static final String PRODUCT = "opcua-session-manager";
    /** Kept by the kernel: reading it waits for no disk and for no name server. */
    private static final Path LINUX_NAME = Path.of("/proc/sys/kernel/hostname");

    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9._-]+");
    private static final int MAX_HOST = 63;
    private static final int SHOWN_DIGITS = 8;

    private volatile String process = "";

    String of(String handleId) {
        String known = process;
        if (known.isEmpty()) {
            known = PRODUCT + " " + fit(host()) + " " + ProcessHandle.current().pid() + " ";
            process = known;
        }
        return known + handleId.substring(0, Math.min(SHOWN_DIGITS, handleId.length()));
    }

    private static String fit(String host) {
        String fit = OTHER_CHARACTERS.matcher(host.strip()).replaceAll("-");
        return fit.isEmpty() ? "localhost" : fit.substring(0, Math.min(fit.length(), MAX_HOST));
    }

    private static String host() {
        try {
            return Files.readString(LINUX_NAME);
        } catch (IOException e) {
            // Elsewhere the environment tells, or nobody does without asking the network.
            String host = System.getenv("HOSTNAME");
            String computer = host == null ? System.getenv("COMPUTERNAME") : host;
            return computer == null ? "" : computer;
        }
    }
}
