package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.opcuasm.client.ClientOptions;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What may come next on a command line, and the shells' own opinion of it. */
@Timeout(120)
class CompletionIT {
    @TempDir
    private static Path directory;

    private static Simulator server;
    private static DaemonProcess daemon;
    private static DaemonClient client;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().build();
        server.start();
        daemon = DaemonProcess.in(directory).start();
        client = DaemonClient.connect(daemon.endpoint(), ClientOptions.DEFAULTS);
        var unused = client.open(server.endpointUrl(), Map.of(), false);
        Path program = directory.resolve("opcua-session-manager");
        Files.writeString(
                program,
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '" + System.getProperty("java.class.path")
                        + "' io.github.opcuasm.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterAll
    static void stop() {
        client.close();
        daemon.close();
        server.close();
    }

    @Test
    void commandsGroupsAndOptionsAreThoseOfTheSpecifications() {
        assertThat(complete("re")).containsExactly("read", "resolve", "reference");
        assertThat(complete("trust", "a")).containsExactly("add", "approve");
        assertThat(complete("file", "m")).containsExactly("mkdir", "mv");
        assertThat(complete("history", "ins")).containsExactly("insert");
        assertThat(complete("read", "x", "y", "--attr")).containsExactly("--attribute");
        assertThat(complete("--max-s")).contains("--max-sessions");
        assertThat(complete("completion", "")).containsExactly("bash", "zsh", "fish");
        assertThat(complete("read", "--attribute", "")).isEmpty();
        assertThat(complete("nonsense", "x")).isEmpty();
    }

    @Test
    void openServersAndTheirNodesAreFoundStepByStep() {
        String url = server.endpointUrl();

        assertThat(complete("read", "opc.")).containsExactly(url);
        assertThat(complete("read", url, "/Obj")).containsExactly("/Objects");
        assertThat(complete("read", "--json", url, "/Objects/2:Simulator/2:Dyn"))
                .containsExactly("/Objects/2:Simulator/2:Dynamic");
        assertThat(complete("read", url, "i=2258", "ns=2;s=Dynamic/Cou")).containsExactly("ns=2;s=Dynamic/Counter");
    }

    @Test
    void nothingIsOpenedAndNothingIsSaidOfWhatGoesWrong() {
        int before = client.list().size();

        assertThat(complete("read", "opc.tcp://127.0.0.1:1", "/Obj")).isEmpty();
        assertThat(complete("read", server.endpointUrl(), "/Nowhere/x")).isEmpty();
        assertThat(complete("read", "--socket", "/nowhere/d.sock", "opc.")).isEmpty();

        assertThat(client.list()).hasSize(before);
    }

    @Test
    void bashKeepsWhatItCutsAtColonsAndEqualsSigns() throws Exception {
        String url = server.endpointUrl();
        Path script = script("bash");
        String driver = "source '" + script + "'\n"
                + "try() { COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=(); _opcua_session_manager;"
                + " printf '[%s]' \"${COMPREPLY[@]}\"; echo; }\n"
                + "try 'opcua-session-manager trust ap'\n"
                + "try 'opcua-session-manager read opc.tcp:'\n"
                + "try 'opcua-session-manager read " + url + " /Objects/2:Sim'\n"
                + "try 'opcua-session-manager read " + url + " ns=2\\;s=Dynamic/Cou'\n"
                + "try \"opcua-session-manager read " + url + " 'ns=2;s=Dynamic/Cou\"\n";

        String out = run("bash", "--norc", "-c", driver);

        assertThat(out.lines())
                .containsExactly(
                        "[approve]",
                        "[" + url.substring("opc.tcp:".length()) + "]",
                        "[Simulator]",
                        "[Dynamic/Counter]",
                        "[ns=2;s=Dynamic/Counter]");
    }

    /** The names are a server's. A program that offers the worst of them stands in for ours. */
    @Test
    void bashInsertsNoNameThatTheShellWouldRun() throws Exception {
        Path script = script("bash");
        String driver = "source '" + script + "'\n"
                + "command() { printf '%s\\n' '/a b' '/a`b`' '/a$(b)' '/a\"b' '/a!b' '/a\\b' \"/a'b\" '/a2:a b'; }\n"
                + "try() { COMP_LINE=$1; COMP_POINT=${#1}; COMPREPLY=(); _opcua_session_manager;"
                + " printf '[%s]' \"${COMPREPLY[@]}\"; echo; }\n"
                + "try 'x read u \"/a'\n"
                + "try \"x read u '/a\"\n"
                + "try 'x read u /a'\n"
                + "command() { printf '%s\\n' '/Objects/2:a b'; }\n"
                + "try 'x read u /Objects/2:a\\ '\n"
                + "try 'x read u /Obj\"ects/2:a '\n";

        String out = run("bash", "--norc", "-c", driver);

        assertThat(out.lines())
                .containsExactly(
                        "[/a b][/a'b][/a2:a b]",
                        "[/a b][/a`b`][/a$(b)][/a\"b][/a!b][/a\\b][/a2:a b]",
                        "[/a\\ b][/a\\`b\\`][/a\\$\\(b\\)][/a\\\"b][/a\\!b][/a\\\\b][/a\\'b][/a2:a\\ b]",
                        "[a\\ b]",
                        "[ects/2:a b]");
    }

    @Test
    void fishOffersTheSame() throws Exception {
        require("fish");
        String line = "opcua-session-manager read " + server.endpointUrl() + " 'ns=2;s=Dynamic/Cou";

        String out = run("fish", "--no-config", "-c", "source '" + script("fish") + "'; complete -C \"" + line + "\"");

        assertThat(out).isEqualTo("ns=2;s=Dynamic/Counter\t2:Counter\n");
    }

    @Test
    void zshOffersTheSame() throws Exception {
        require("zsh");
        // The completion system needs a terminal: zpty is one, and the listing ends with the prompt drawn again.
        String driver = "zmodload zsh/zpty\n"
                + "zpty shell zsh -f -i\n"
                + "zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source \"" + script("zsh")
                + "\"; print rea''dy'\n"
                + "zpty -r shell seen '*ready*'\n"
                + "zpty -w -n shell 'opcua-session-manager trust ap'$'\\t'\n"
                + "zpty -r shell seen '*approve*' && print completed\n";

        assertThat(run("zsh", "-f", "-c", driver)).endsWith("completed\n");
    }

    private static List<String> complete(String... words) {
        List<String> arguments = new ArrayList<>(List.of(Completion.OPTION));
        arguments.addAll(List.of(words));
        CommandRun run = new CommandRun()
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .environment("OPCUA_COMPLETION_TIMEOUT", "20");

        int code = run.run(arguments.toArray(new String[0]));

        assertThat(code).isZero();
        assertThat(run.stderr()).isEmpty();
        return run.stdout().lines().map(line -> line.split("\t", 2)[0]).toList();
    }

    private static Path script(String shell) throws IOException {
        CommandRun run = new CommandRun();
        assertThat(run.run("completion", shell)).isZero();
        return Files.writeString(directory.resolve("completion." + shell), run.stdout());
    }

    /** CI has to have it; elsewhere the test is left out. */
    private static void require(String shell) {
        boolean present = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, shell)));
        assumeTrue(present || Boolean.getBoolean("interop.required"), shell + " is not installed");
    }

    private static String run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(directory.resolve("shell-errors").toFile());
        builder.environment().merge("PATH", directory.toString(), (path, ours) -> ours + ":" + path);
        builder.environment().put("OPCUA_SOCKET_PATH", daemon.endpoint().uri());
        builder.environment().put("OPCUA_COMPLETION_TIMEOUT", "20");
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }
}
