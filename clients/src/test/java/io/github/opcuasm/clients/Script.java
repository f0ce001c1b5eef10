package io.github.opcuasm.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test runs, from a folder of this module. Of our own variables ({@code OPCUA_…}) it gets only those
 * that it is given, and everything that it prints is kept.
 *
 * <p>A program that runs is read by two threads, one for each of its outputs, so it never blocks on a full pipe; both
 * end with it.
 */
final class Script {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private final List<String> command;
    private final Map<String, String> environment = new HashMap<>();
    private Path directory = module();
    private String input = "";

    private Script(List<String> command) {
        this.command = command;
    }

    /** How a program ended and what it printed. */
    record Result(int exitCode, String stdout, String stderr) {}

    static Script of(String... command) {
        return new Script(List.of(command));
    }

    /** The folder of this module, where {@code python/}, {@code node/} and the others lie. */
    static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }

    /** Where it runs, from the module's folder, {@code "python"} for example. */
    Script in(String folder) {
        directory = module().resolve(folder);
        return this;
    }

    Script environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Script environment(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** What it finds on its standard input; nothing, unless said otherwise. */
    Script input(String text) {
        input = text;
        return this;
    }

    /**
     * Runs it to its end, at most two minutes.
     *
     * @throws IOException with what it printed, if it takes longer; it is killed then
     */
    Result run() throws IOException, InterruptedException {
        try (Running running = start()) {
            return running.await();
        }
    }

    /** Starts it and returns at once. */
    Running start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("OPCUA_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
            // It ended without reading; its exit code says why.
        }
        return new Running(process);
    }

    /** A program under way; {@link #close} kills it if it still lives. */
    static final class Running implements AutoCloseable {
        private final Process process;
        private final Output stdout;
        private final Output stderr;

        private Running(Process process) {
            this.process = process;
            this.stdout = Output.of(process.inputReader(StandardCharsets.UTF_8));
            this.stderr = Output.of(process.errorReader(StandardCharsets.UTF_8));
        }

        long pid() {
            return process.pid();
        }

        /**
         * Waits until it has printed this line to standard output.
         *
         * @throws IOException with what it printed, if it ends without, or two minutes pass
         */
        void awaitLine(String line) throws IOException, InterruptedException {
            if (!stdout.await(line, LIMIT)) {
                throw new IOException("never printed \"" + line + "\":\n" + stdout.text() + stderr.text());
            }
        }

        /** Sends a signal to this process and no other: {@code INT}, {@code TERM}, … */
        void signal(String name) throws IOException, InterruptedException {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new IOException("kill -" + name + " failed");
            }
        }

        /** As {@link Script#run()}. */
        Result await() throws IOException, InterruptedException {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        "still alive after " + LIMIT.toSeconds() + " s; it said:\n" + stdout.text() + stderr.text());
            }
            stdout.join();
            stderr.join();
            return new Result(process.exitValue(), stdout.text(), stderr.text());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** One output of a program, read to its end. */
    private static final class Output {
        private final StringBuilder text = new StringBuilder();
        private boolean ended;
        private final Thread reader;

        private Output(BufferedReader lines) {
            reader = new Thread(() -> read(lines), "script-output");
            reader.setDaemon(true);
        }

        static Output of(BufferedReader lines) {
            Output output = new Output(lines);
            output.reader.start();
            return output;
        }

        private void read(BufferedReader lines) {
            try (lines) {
                char[] part = new char[8192];
                for (int length = lines.read(part); length >= 0; length = lines.read(part)) {
                    append(part, length);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                end();
            }
        }

        private synchronized void append(char[] part, int length) {
            text.append(part, 0, length);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized boolean await(String line, Duration limit) throws InterruptedException {
            long end = System.nanoTime() + limit.toNanos();
            while (!("\n" + text).contains("\n" + line + "\n")) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (ended || left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        }

        /** Waits for the end of the output: a child of the program may still hold it open, so not for ever. */
        void join() throws InterruptedException {
            reader.join(LIMIT.toMillis());
        }

        synchronized String text() {
            return text.toString();
        }
    }
}
