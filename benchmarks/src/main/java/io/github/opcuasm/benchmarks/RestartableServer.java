package io.github.opcuasm.benchmarks;

import io.github.opcuasm.simulator.Producers;
import io.github.opcuasm.simulator.Production;
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
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/**
 * A simulator in a process of its own, which stops and starts its server when told: the same class is its client, and its
 * program. Between them go lines: the program prints its URL, and then answers each command on its standard input with one
 * line. It ends when its standard input does, so it never outlives who started it.
 */
final class RestartableServer implements AutoCloseable {
    private static final int EXIT_SECONDS = 15;

    private enum Command {
        /** Stops the server: connections and sessions are gone, the port refuses. */
        STOP,
        /** Starts it again, and counts handshakes from here on. */
        START,
        /** Sessions that were activated since the last start and exist now. */
        BACK,
        /** Microseconds since the first connection after the last start; 0 if there was none. */
        SINCE_FIRST_CONNECTION,
        /** The most handshakes at once since the last start. */
        MOST_HANDSHAKES,
        /** Lets the produced variables change, as many times a second as the next line says. */
        PRODUCE,
        /** Ends that. */
        HALT,
        /** How often each of the variables has changed. */
        ROUNDS
    }

    /** What the server offers, and what a session is opened with. */
    enum Security {
        NONE("{}"),
        /** Basic256Sha256 with SignAndEncrypt, and nothing else. */
        SIGN_AND_ENCRYPT(
                "{\"securityPolicy\":\"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256\",\"securityMode\":3}");

        private final String config;

        Security(String config) {
            this.config = config;
        }

        /** The config of a session, a JSON object. */
        String config() {
            return config;
        }
    }

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream commands;
    private final String endpointUrl;

    private RestartableServer(Process process, BufferedReader answers, String endpointUrl) {
        this.process = process;
        this.answers = answers;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        this.endpointUrl = endpointUrl;
    }

    /** Starts it and returns when it accepts. */
    static RestartableServer start(Security security) throws IOException {
        return start(security, 0);
    }

    /** One without security that has this many variables which change on demand. */
    static RestartableServer producing(int variables) throws IOException {
        return start(Security.NONE, variables);
    }

    private static RestartableServer start(Security security, int produced) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                RestartableServer.class.getName(),
                security.name(),
                Integer.toString(produced)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        String url = answers.readLine();
        if (url == null) {
            process.destroyForcibly();
            throw new IOException("the simulator did not start");
        }
        return new RestartableServer(process, answers, url);
    }

    String endpointUrl() {
        return endpointUrl;
    }

    /** Returns when nothing of it is left but its port. */
    void goAway() throws IOException {
        long unused = ask(Command.STOP);
    }

    /** Returns when the server accepts again. */
    void comeBack() throws IOException {
        long unused = ask(Command.START);
    }

    /** Sessions that were activated since the server came back, and are still there. */
    long back() throws IOException {
        return ask(Command.BACK);
    }

    /** The time since the first connection after the server came back. */
    double secondsSinceFirstConnection() throws IOException {
        return ask(Command.SINCE_FIRST_CONNECTION) / 1e6;
    }

    long mostHandshakes() throws IOException {
        return ask(Command.MOST_HANDSHAKES);
    }

    /** The id of one of the variables that change, in the notation of requests. */
    static String variable(int number) {
        return "ns=" + Simulator.NAMESPACE_INDEX + ";s=" + Producers.variable(number);
    }

    /** Lets the variables change in turn, this many times a second in all. */
    void produce(int perSecond) throws IOException {
        commands.println(Command.PRODUCE);
        commands.println(perSecond);
        long unused = answer();
    }

    void halt() throws IOException {
        long unused = ask(Command.HALT);
    }

    /** How often each of the variables has changed. */
    long queuedRounds() throws IOException {
        return ask(Command.ROUNDS);
    }

    private long ask(Command command) throws IOException {
        commands.println(command);
        return answer();
    }

    private long answer() throws IOException {
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the simulator has ended");
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
        Simulator.Builder builder = Simulator.builder();
        if (Security.valueOf(args[0]) == Security.SIGN_AND_ENCRYPT) {
            builder.secured(it -> it.policies(SecurityPolicy.Basic256Sha256).modes(MessageSecurityMode.SignAndEncrypt));
        }
        builder.produced(Integer.parseInt(args[1]));
        try (Simulator simulator = builder.build()) {
            simulator.start();
            System.out.println(simulator.endpointUrl());
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            long activatedBefore = 0;
            Production production = null;
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                switch (Command.valueOf(line.toUpperCase(Locale.ROOT))) {
                    case STOP -> {
                        simulator.stop();
                        activatedBefore = simulator.counters().sessionsActivated();
                        System.out.println(0);
                    }
                    case START -> {
                        simulator.counters().resetMostHandshakesAtOnce();
                        simulator.start();
                        System.out.println(0);
                    }
                    case BACK ->
                        System.out.println(Math.min(
                                simulator.counters().sessionsNow(),
                                simulator.counters().sessionsActivated() - activatedBefore));
                    case SINCE_FIRST_CONNECTION -> {
                        OptionalLong first = simulator.counters().firstConnection();
                        System.out.println(first.isEmpty() ? 0 : (System.nanoTime() - first.getAsLong()) / 1_000);
                    }
                    case MOST_HANDSHAKES ->
                        System.out.println(simulator.counters().mostHandshakesAtOnce());
                    case PRODUCE -> {
                        production = simulator.producers().change(Integer.parseInt(commands.readLine()));
                        System.out.println(0);
                    }
                    case HALT -> {
                        if (production != null) {
                            production.close();
                        }
                        System.out.println(0);
                    }
                    case ROUNDS -> System.out.println(simulator.producers().round());
                }
            }
        }
    }
}
