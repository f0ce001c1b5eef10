package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the examples of {@code docs/cli.md} one after the other, as a reader would, and compares what they print. What is
 * another at each run stands for itself on both sides: ids, times, versions, counters.
 */
@Timeout(120)
class CliDocIT {
    private static final Path PAGE = Path.of("..", "docs", "cli.md");
    private static final String DOCUMENTED_URL = "opc.tcp://127.0.0.1:4840/simulator";
    private static final String DOCUMENTED_SOCKET = "unix:///tmp/opcua-session-manager.sock";
    private static final String DOCUMENTED_DIRECTORY = "/tmp/";
    private static final String STATUS = "echo $?";

    /** Of these only the names of the rows are compared: the rest is this machine's and this run's. */
    private static final List<String> ROW_NAMES_ONLY = List.of("stats", "certificate show");

    private static final Map<Pattern, String> VARIABLE = variable();

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static SessionManagerDaemon daemon;

    /** A command line of the page, and what it says that comes of it. */
    private record Example(String command, List<String> output) {}

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = new SessionManagerDaemon(DaemonConfig.builder()
                .socket(new IpcEndpoint.Unix(directory.resolve("d.sock")))
                .connections(List.of(new NamedConnection("sim", server.endpointUrl(), JsonValue.Obj.EMPTY, false)))
                .build());
        daemon.start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void examplesPrintWhatThePageSays() throws Exception {
        List<Example> examples = examples();
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        int status = 0;

        for (Example example : examples) {
            String printed;
            if (example.command().equals(STATUS)) {
                printed = Integer.toString(status);
            } else {
                CommandRun run = new CommandRun();
                status = run(run, example.command());
                printed = run.stdout() + run.stderr();
            }
            expected.add(block(example.command(), example.output()));
            actual.add(block(example.command(), documented(printed).lines().toList()));
        }

        assertThat(String.join("\n", actual)).isEqualTo(String.join("\n", expected));
    }

    @Test
    void everyCommandHasAnExampleOrIsNamed() throws Exception {
        String page = Files.readString(PAGE);

        assertThat(Arrays.stream(Subcommand.values())
                        .filter(command -> command != Subcommand.SIMULATE && command != Subcommand.DEMO)
                        .map(Subcommand::commandName)
                        .filter(name -> !page.contains("opcua-session-manager " + name) && !page.contains("`" + name)))
                .isEmpty();
    }

    private static List<Example> examples() throws Exception {
        List<Example> examples = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ")) {
                examples.add(new Example(line.substring(2), new ArrayList<>()));
            } else if (inside) {
                examples.get(examples.size() - 1).output().add(line);
            }
        }
        assertThat(examples).hasSizeGreaterThan(40);
        return examples;
    }

    private static int run(CommandRun run, String commandLine) {
        List<String> words = words(commandLine
                .replace(DOCUMENTED_URL, server.endpointUrl())
                .replace(DOCUMENTED_DIRECTORY, directory + "/"));
        run.environment("OPCUA_SOCKET_PATH", daemon.boundEndpoints().get(0).uri());
        while (words.get(0).indexOf('=') > 0) {
            String[] variable = words.remove(0).split("=", 2);
            run.environment(variable[0], variable[1]);
        }
        assertThat(words.remove(0)).isEqualTo(Console.PROGRAM);
        // Suggestions have a share of this time; a busy machine needs more of it than a person would wait.
        words.addAll(List.of("--timeout", "1800"));
        return run.run(words.toArray(String[]::new));
    }

    /** As a shell splits it, with single quotes. */
    private static List<String> words(String line) {
        Matcher word = Pattern.compile("'([^']*)'|[^\\s']+").matcher(line);
        List<String> words = new ArrayList<>();
        while (word.find()) {
            words.add(word.group(1) == null ? word.group() : word.group(1));
        }
        return words;
    }

    private static String documented(String printed) {
        return printed.replace(server.endpointUrl(), DOCUMENTED_URL)
                .replace(daemon.boundEndpoints().get(0).uri(), DOCUMENTED_SOCKET)
                .replace(directory + "/", DOCUMENTED_DIRECTORY);
    }

    private static String block(String command, List<String> output) {
        boolean rowNamesOnly = ROW_NAMES_ONLY.stream().anyMatch(name -> command.equals(Console.PROGRAM + " " + name));
        String text = output.stream()
                .map(line -> rowNamesOnly ? line.split(" {2,}", 2)[0] : line)
                .collect(Collectors.joining("\n"));
        for (Map.Entry<Pattern, String> part : VARIABLE.entrySet()) {
            text = part.getKey().matcher(text).replaceAll(part.getValue());
        }
        return "$ " + command + "\n" + text + "\n";
    }

    private static Map<Pattern, String> variable() {
        Map<Pattern, String> parts = new LinkedHashMap<>();
        parts.put(Pattern.compile("[0-9a-f]{32}"), "SESSION");
        parts.put(Pattern.compile("(?<=SESSION {1,20})[0-9a-f]{8,31}…"), "SESSION…");
        parts.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{7}\\+00:00"), "TIME");
        parts.put(Pattern.compile("…\\S*//127\\.0\\.0\\.1:\\d+/simulator"), "…URL");
        parts.put(Pattern.compile("PID \\d+"), "PID N");
        parts.put(Pattern.compile("\\d+\\.\\d ms"), "N ms");
        parts.put(Pattern.compile(" in \\d+\\.\\d s, \\d+\\.\\d MB/s"), "");
        parts.put(Pattern.compile("\\d+ s\\b"), "N s");
        parts.put(Pattern.compile("\"(openMs|readMs)\":[0-9.eE-]+"), "\"$1\":N");
        parts.put(Pattern.compile("\\d+\\.\\d+\\.\\d+-SNAPSHOT"), "VERSION");
        parts.put(Pattern.compile("user:\\S+"), "user:NAME");
        // Columns are as wide as what stands in them.
        parts.put(Pattern.compile(" {2,}"), "  ");
        return parts;
    }
}
