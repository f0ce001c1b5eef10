package io.github.opcuasm.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What open sessions cost a daemon: the live heap, as the JVM's class histogram counts it after a full collection, and
 * the resident memory, before and after opening them. Some sessions are opened and closed first, so that classes and
 * pools that the first one brings do not count.
 */
final class SessionFootprint {
    private static final int OPENERS = 8;
    private static final int FIRST_SESSIONS = 50;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");

    /**
     * Bytes for each of the sessions.
     *
     * @param heap of live objects
     * @param resident of the process's memory; 0 where the system does not tell
     * @param openSeconds the time that opening all of them took
     */
    record Result(int sessions, double heap, double resident, double openSeconds) {}

    private record Memory(long heap, long resident) {}

    private SessionFootprint() {}

    static Result measure(Path launcher, Path directory, String endpointUrl, int sessions) throws Exception {
        Path socket = directory.resolve("sessions.sock");
        try (Program process = Program.daemon(launcher, directory, socket, "--max-sessions", "0")) {
            return of(process, new DaemonCallers(socket), endpointUrl, "{}", sessions);
        }
    }

    /**
     * Of sessions that stay open on this daemon.
     *
     * @param config of each session, a JSON object
     */
    static Result of(Program process, DaemonCallers daemon, String endpointUrl, String config, int sessions)
            throws Exception {
        for (String id : open(daemon, endpointUrl, config, FIRST_SESSIONS)) {
            daemon.ask("{\"command\":\"close\",\"sessionId\":\"" + id + "\"}");
        }
        Memory before = memory(process.pid());
        long start = System.nanoTime();
        open(daemon, endpointUrl, config, sessions);
        double seconds = (System.nanoTime() - start) / 1e9;
        Memory after = memory(process.pid());
        return new Result(
                sessions,
                (after.heap - before.heap) / (double) sessions,
                (after.resident - before.resident) / (double) sessions,
                seconds);
    }

    private static List<String> open(DaemonCallers daemon, String endpointUrl, String config, int sessions)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(OPENERS);
        try {
            List<Future<String>> opening = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                opening.add(threads.submit(() -> daemon.open(endpointUrl, "\"forceNew\":true,\"config\":" + config)));
            }
            List<String> ids = new ArrayList<>();
            for (Future<String> id : opening) {
                ids.add(id.get());
            }
            return ids;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Bytes of the live objects of this process. */
    static long liveHeap(long pid) throws IOException, InterruptedException {
        return memory(pid).heap;
    }

    private static Memory memory(long pid) throws IOException, InterruptedException {
        // The first collection lets reference handlers run; the second one, of the histogram, sees what they left.
        jcmd(pid, "GC.run");
        long heap = number(TOTAL, jcmd(pid, "GC.class_histogram"));
        Path status = Path.of("/proc/" + pid + "/status");
        long resident = Files.exists(status) ? number(RESIDENT, Files.readString(status)) * 1024 : 0;
        return new Memory(heap, resident);
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd " + command + " failed: " + output);
        }
        return output;
    }

    static long number(Pattern pattern, String text) throws IOException {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IOException("no " + pattern + " in:\n" + text);
        }
        return Long.parseLong(found.group(1));
    }
}
