package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import io.github.opcuasm.testkit.IpcProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plants a secret wherever the daemon takes one, in requests that succeed and in all that fail, and looks for each of them
 * in everything that the daemon gives out: answers, output, log, audit log, files, thread names, the process list.
 */
class SecretsIT {
    private static final String TOKEN = "planted-auth-token-0f7c";
    private static final String PASSWORD = "planted-password-5b1d";
    private static final String USER = "planted-user-77e2";
    private static final String PASSPHRASE = "planted-passphrase-3ac9";
    private static final String KEY_FILE = "planted-key-path-91d4";
    private static final String KEY = "plantedKeyMaterial8e61";
    private static final String URL_SECRET = "planted-url-secret-c0de";
    private static final String WRONG_TOKEN = "planted-wrong-token-d00d";
    private static final List<String> SECRETS =
            List.of(TOKEN, PASSWORD, USER, PASSPHRASE, KEY_FILE, KEY, URL_SECRET, WRONG_TOKEN);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void nothingThatTheDaemonGivesOutHoldsASecret(String logFormat) throws Exception {
        Path keys = Files.createDirectory(directory.resolve("keys"));
        Path key = Files.writeString(keys.resolve(KEY_FILE), "-----BEGIN PRIVATE KEY-----\n" + KEY + "\n");
        Path given = Files.createDirectory(directory.resolve("given-out"));
        Map<String, String> found = new LinkedHashMap<>();
        try (Simulator simulator = Simulator.builder().build();
                DaemonProcess daemon = start(given, logFormat)) {
            simulator.start();
            List<String> answers = new ArrayList<>();
            for (String request : requests(simulator.endpointUrl(), key)) {
                answers.add(answer(daemon, request));
            }
            found.put("answers", String.join("\n", answers));
            found.put("threads", output("jstack", Long.toString(daemon.pid())));
            found.put("process list", Files.readString(Path.of("/proc/" + daemon.pid() + "/cmdline")));
            daemon.signal("HUP");
            daemon.signal("TERM");
            assertThat(daemon.awaitExit()).isZero();
            found.put("stdout", daemon.stdout());
            found.put("stderr", daemon.stderr());
        }
        try (Stream<Path> files = Files.walk(given)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .endsWith("---");
            }
        }

        // What is searched must be there to be searched.
        assertThat(found.get("answers")).contains("\"success\":true", "auth_failed", "invalid_json");
        assertThat(found.get("threads")).contains("opcua-io");
        assertThat(found.get(given.resolve("audit.log").toString())).contains("\"event\":\"open\"");
        assertThat(found.get(given.resolve("daemon.log").toString())).contains("was refused");
        found.forEach((where, text) -> SECRETS.forEach(
                secret -> assertThat(text).as("%s in %s", secret, where).doesNotContain(secret)));
    }

    @Test
    void tokenOnTheCommandLineIsInTheProcessListAndNowhereElse() throws Exception {
        try (DaemonProcess daemon = DaemonProcess.in(directory).start("--auth-token", TOKEN)) {
            String answer = answer(daemon, "{\"command\":\"list\",\"authToken\":\"" + TOKEN + "\"}");

            assertThat(answer).contains("\"success\":true").doesNotContain(TOKEN);
            assertThat(Files.readString(Path.of("/proc/" + daemon.pid() + "/cmdline")))
                    .contains(TOKEN);
            assertThat(daemon.stderr()).contains("--auth-token").doesNotContain(TOKEN);
        }
    }

    private DaemonProcess start(Path given, String logFormat) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "--log-level",
                "debug",
                "--log-format",
                logFormat,
                "--cache-driver",
                "file",
                "--max-frame-bytes",
                "4096"));
        options.addAll(List.of("--log-file", given.resolve("daemon.log").toString()));
        options.addAll(List.of("--cache-path", given.resolve("cache").toString()));
        options.addAll(List.of("--audit-log", given.resolve("audit.log").toString()));
        Files.writeString(given.resolve("daemon.log"), "");
        Files.setPosixFilePermissions(given.resolve("daemon.log"), PosixFilePermissions.fromString("rw-------"));
        DaemonProcess.Launcher launcher = DaemonProcess.in(directory);
        if (logFormat.equals("text")) {
            launcher.environment("OPCUA_AUTH_TOKEN", TOKEN);
        } else {
            Path file = Files.writeString(directory.resolve("token"), TOKEN + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            options.addAll(List.of("--auth-token-file", file.toString()));
        }
        return launcher.start(options.toArray(String[]::new));
    }

    /** Each with secrets in it; most are wrong in some way. */
    private static List<String> requests(String server, Path key) {
        String auth = "\"authToken\":\"" + TOKEN + "\"";
        String url = "\"endpointUrl\":\"" + server + "\"";
        String withUser = "\"endpointUrl\":\"" + server.replace("//", "//" + USER + ":" + URL_SECRET + "@") + "\"";
        String identity = "\"username\":\"" + USER + "\",\"password\":\"" + PASSWORD + "\"";
        String files = "\"clientCertPath\":\"" + key + "\",\"clientKeyPath\":\"" + key + "\",\"clientKeyPassphrase\":\""
                + PASSPHRASE + "\",\"userCertPath\":\"" + key + "\",\"userKeyPath\":\"" + key
                + "\",\"userKeyPassphrase\":\"" + PASSPHRASE + "\"";
        String secure = "\"securityPolicy\":\"Basic256Sha256\",\"securityMode\":3";
        List<String> requests = new ArrayList<>();
        for (String config : List.of(
                "",
                identity,
                identity + ",\"allowPlaintextPassword\":true",
                files,
                identity + "," + files,
                secure + "," + identity,
                secure + "," + files,
                "\"password\":[\"" + PASSWORD + "\"]",
                "\"password\":{\"" + PASSWORD + "\":1}",
                "\"username\":[\"" + USER + "\"],\"password\":7",
                "\"clientKeyPath\":[\"" + KEY_FILE + "\"]",
                "\"clientKeyPassphrase\":{\"" + PASSPHRASE + "\":true}",
                "\"userKeyPassphrase\":[\"" + PASSPHRASE + "\"]",
                "\"secret\":\"" + PASSWORD + "\"," + identity,
                "\"securityPolicy\":\"no such\"," + identity)) {
            String members = "\"config\":{" + config + "}," + auth;
            requests.add("{\"command\":\"open\"," + url + "," + members + "}");
            requests.add("{\"command\":\"open\"," + withUser + "," + members + "}");
            requests.add("{\"command\":\"open\",\"endpointUrl\":\"opc.tcp://127.0.0.1:1\"," + members + "}");
            requests.add("{\"command\":\"query\",\"method\":\"getEndpoints\"," + withUser + "," + members + "}");
            requests.add("{\"command\":\"open\"," + url + "," + members);
            requests.add("{\"command\":\"open\"," + url + "," + members + "} trailing " + PASSWORD);
        }
        for (String command :
                List.of("ping", "list", "describe", "close", "query", "invoke", "stats", "explain", "nope")) {
            requests.add("{\"command\":\"" + command + "\"," + auth + "}");
            requests.add(
                    "{\"command\":\"" + command + "\",\"sessionId\":7,\"method\":\"read\",\"args\":{}," + auth + "}");
            requests.add("{\"command\":\"" + command + "\",\"authToken\":\"" + WRONG_TOKEN + "\"}");
        }
        requests.add("{\"id\":1,\"command\":\"hello\"," + auth + "}");
        requests.add("{\"id\":[\"x\"],\"command\":\"hello\"," + auth + "}");
        requests.add("{\"command\":\"list\",\"authToken\":[\"" + WRONG_TOKEN + "\"]}");
        requests.add("{\"command\":\"list\",\"authToken\":{\"" + WRONG_TOKEN + "\":1}}");
        requests.add("{" + auth + "," + auth + "}");
        requests.add("[" + auth.replace(':', ',') + "]");
        requests.add("\"" + TOKEN + "\"");
        requests.add(TOKEN);
        requests.add("{" + auth + ",\"x\":" + "[".repeat(40) + "]".repeat(40) + "}");
        requests.add("{" + auth + ",\"x\":\"" + PASSWORD.repeat(400) + "\"}");
        requests.add("{\"command\":\"list\"," + auth + "}");
        return requests;
    }

    private static String answer(DaemonProcess daemon, String request) throws IOException {
        return IpcProbe.ask(daemon.endpoint(), request);
    }

    private static String output(String tool, String argument) throws Exception {
        Path program = Path.of(System.getProperty("java.home"), "bin", tool);
        Process process = new ProcessBuilder(program.toString(), argument)
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return text;
    }
}
