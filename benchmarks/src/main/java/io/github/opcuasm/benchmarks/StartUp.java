package io.github.opcuasm.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a user waits for: whole processes from exec to exit, launcher and all, beside {@code java -version}; and the daemon
 * from exec until it answers a ping. Each with the archive of classes that the launcher makes, and without. A round runs
 * everything once in turn, so that whatever else the machine does touches all alike.
 */
final class StartUp {
    private static final double MAX_RATIO = 4;
    private static final long LIMIT_SECONDS = 120;
    private static final String NODE = "i=2258";

    private final Path launcher;
    private final Path directory;
    private final int rounds;
    private final Map<String, List<Double>> millis = new LinkedHashMap<>();

    StartUp(Path launcher, Path directory, int rounds) {
        this.launcher = launcher;
        this.directory = directory;
        this.rounds = rounds;
    }

    /** Measures, prints a table and the target; true if it is met. */
    boolean run(PrintStream out) throws Exception {
        Path socket = directory.resolve("d.sock");
        Path cache = directory.resolve("cache");
        try (Program server = Program.simulator(launcher, directory);
                Program daemon = Program.daemon(launcher, directory, socket)) {
            String url = server.endpointUrl();
            List<String> read = List.of(launcher.toString(), "read", url, NODE, "--socket", socket.toString());
            List<String> ping = List.of(launcher.toString(), "ping", "--socket", socket.toString());
            List<String> start = List.of(
                    launcher.toString(), "--socket", directory.resolve("s.sock").toString());
            double unusedFirst = process(read, cache, true);
            double unusedStart = start(start, cache, true);
            awaitArchives(cache);
            for (int round = 0; round <= rounds; round++) {
                List<String> java = List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version");
                add(round, "java -version", process(java, cache, true));
                add(round, "ping", process(ping, cache, true));
                add(round, "ping, no archive", process(ping, cache, false));
                add(round, "read", process(read, cache, true));
                add(round, "read, no archive", process(read, cache, false));
                add(round, "daemon until ping", start(start, cache, true));
                add(round, "daemon until ping, no archive", start(start, cache, false));
            }
            out.printf(Locale.ROOT, "Java %s, daemon %d%n", System.getProperty("java.version"), daemon.pid());
        }
        double java = Report.median(millis.getOrDefault("java -version", List.of()));
        out.println();
        millis.forEach((what, taken) -> out.printf(
                Locale.ROOT, "%-30s %8.1f ms  x %.2f%n", what, Report.median(taken), Report.median(taken) / java));
        out.println();
        double ratio = Report.median(millis.getOrDefault("read", List.of())) / java;
        boolean met = ratio <= MAX_RATIO;
        out.printf(
                Locale.ROOT,
                "%s  a read by the command, by java -version: %.1f times (at most %.0f)%n",
                met ? "pass" : "FAIL",
                ratio,
                MAX_RATIO);
        return met;
    }

    /** The first round only warms the machine's caches. */
    private void add(int round, String what, double taken) {
        if (round > 0) {
            millis.computeIfAbsent(what, name -> new ArrayList<>()).add(taken);
        }
    }

    private double process(List<String> command, Path cache, boolean archive) throws Exception {
        long begin = System.nanoTime();
        Process process = start(command, environment(cache, archive));
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed");
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private double start(List<String> command, Path cache, boolean archive) throws Exception {
        Path socket = Path.of(command.get(command.size() - 1));
        DaemonCallers callers = new DaemonCallers(socket);
        long begin = System.nanoTime();
        Process process = start(command, environment(cache, archive));
        try {
            while (true) {
                try {
                    String unused = callers.ask(DaemonCallers.PING);
                    return (System.nanoTime() - begin) / 1e6;
                } catch (IOException e) {
                    if (!process.isAlive() || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                        throw new IOException("the daemon did not start", e);
                    }
                    Thread.sleep(1);
                }
            }
        } finally {
            process.destroy();
            boolean unused = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith("OPCUA_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Map<String, String> environment(Path cache, boolean archive) {
        return Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "XDG_CACHE_HOME",
                cache.toString(),
                "OPCUA_ARCHIVES",
                archive ? "on" : "off");
    }

    /** One for clients and one for the daemon: each gets its name when it is complete. */
    private static void awaitArchives(Path cache) throws Exception {
        Path folder = cache.resolve("opcua-session-manager");
        for (long second = 0; second < LIMIT_SECONDS; second++) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    if (files.filter(file -> file.toString().endsWith(".jsa")).count() == 2) {
                        return;
                    }
                }
            }
            Thread.sleep(1_000);
        }
        throw new IOException("the launcher made no archives in " + folder);
    }
}
