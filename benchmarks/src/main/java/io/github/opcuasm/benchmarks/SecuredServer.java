package io.github.opcuasm.benchmarks;

import io.github.opcuasm.simulator.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/**
 * A simulator with Basic256Sha256 and SignAndEncrypt alone, in a process of its own: the same class is its client, and
 * its program. Between them go lines: the program prints its URL, and then answers each command on its standard input
 * with one line. It ends when its standard input does, so it never outlives who started it.
 */
final class SecuredServer implements AutoCloseable {
    private static final int EXIT_SECONDS = 15;

    private enum Command {
        /** Stops the server, starts it again, and counts handshakes from here on. */
        RESTART,
        /** Sessions activated since the last restart. */
        ACTIVATED,
        /** The most handshakes at once since the last restart. */
        MOST_HANDSHAKES
    }

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;
    private final String endpointUrl;

    private SecuredServer(Process process, BufferedReader answers, String endpointUrl) {
        this.process = process;
        this.answers = answers;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        this.endpointUrl = endpointUrl;
    }

    /** Starts it and returns when it accepts. */
    static SecuredServer start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SecuredServer.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        String url = answers.readLine();
        if (url == null) {
            process.destroyForcibly();
            throw new IOException("the secured simulator did not start");
        }
        return new SecuredServer(process, answers, url);
    }

    String endpointUrl() {
        return endpointUrl;
    }

    /** Returns when the server accepts again. */
    void restart() throws IOException {
        long unused = ask(Command.RESTART);
    }

    long activated() throws IOException {
        return ask(Command.ACTIVATED);
    }

    long mostHandshakes() throws IOException {
        return ask(Command.MOST_HANDSHAKES);
    }

    private long ask(Command command) throws IOException {
        commands.println(command);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the secured simulator has ended");
        }
        return Long.parseLong(answer);
    }

    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The program. */
    public static void main(String[] args) throws IOException {
        try (Simulator simulator = Simulator.builder()
                .secured(security ->
                        security.policies(SecurityPolicy.Basic256Sha256).modes(MessageSecurityMode.SignAndEncrypt))
                .build()) {
            simulator.start();
            System.out.println(simulator.endpointUrl());
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            long activatedBefore = 0;
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                switch (Command.valueOf(line.toUpperCase(Locale.ROOT))) {
                    case RESTART -> {
                        simulator.stop();
                        activatedBefore = simulator.counters().sessionsActivated();
                        simulator.counters().resetMostHandshakesAtOnce();
                        simulator.start();
                        System.out.println(0);
                    }
                    case ACTIVATED -> System.out.println(simulator.counters().sessionsActivated() - activatedBefore);
                    case MOST_HANDSHAKES ->
                        System.out.println(simulator.counters().mostHandshakesAtOnce());
                }
            }
        }
    }
}
