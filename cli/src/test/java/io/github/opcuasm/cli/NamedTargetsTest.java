package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Client commands whose target is the name of a connection. */
class NamedTargetsTest {
    private static final String SESSION = "0123456789abcdef0123456789abcdef";

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource({"open plc1", "read plc1 i=2258", "write plc1 i=1 2", "info plc1", "browse plc1", "endpoints plc1"})
    void aNameGoesToTheDaemonInsteadOfAUrlAndAConfig(String line) throws Exception {
        try (var daemon = AnsweringDaemon.succeeding("{\"sessionId\":\"" + SESSION + "\",\"reused\":true}")) {

            int unused = run.run((line + " --socket " + daemon.uri()).split(" "));

            assertThat(daemon.requests().get(0))
                    .contains("\"connection\":\"plc1\"")
                    .doesNotContain("endpointUrl", "\"config\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "open plc1 --user joe | --user is for opening a URL: plc1 has its own config",
                "read plc1 i=2258 -c opcuaTimeout=1 | -c is for opening a URL: plc1 has its own config",
                "read plc1:4840 i=2258 | TARGET: got plc1:4840, expected opc.tcp://host:port/path, the name of a connection or",
                "open plc1:4840 | URL: got plc1:4840, expected opc.tcp://host:port/path or the name of a connection",
                "close plc1 | SESSION: got plc1, expected the 32 hex digits of a session's id, as list shows them",
                "endpoints plc/1 | URL: got plc/1, expected opc.tcp://host:port/path or the name of a connection",
            })
    void whatIsNeitherUrlNorNameIsRefusedBeforeAnythingIsConnected(String line, String message) {
        int code = run.run((line + " --socket tcp://127.0.0.1:1").split(" "));

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).contains(message);
    }

    @Test
    void listHasAColumnOfNamesWhereThereAreSome() throws Exception {
        String plain = session("aa", "null");
        var without = new CommandRun();
        try (var daemon = AnsweringDaemon.succeeding("{\"count\":1,\"sessions\":[" + plain + "]}");
                var named = AnsweringDaemon.succeeding(
                        "{\"count\":2,\"sessions\":[" + plain + "," + session("bb", "\"plc1\"") + "]}")) {

            int first = without.run("list", "--socket", daemon.uri());
            int second = run.run("list", "--socket", named.uri());

            assertThat(first + second).isZero();
            assertThat(without.stdout()).doesNotContain("CONNECTION").contains("ENDPOINT\n");
            assertThat(run.stdout().lines().map(line -> line.replaceAll("[0-9]+ s", "9 s")))
                    .hasSize(3)
                    .anyMatch(line -> line.matches("SESSION +STATE +HOLDERS +IDLE +CONNECTION +ENDPOINT"))
                    .anyMatch(line -> line.matches("aa +Connected +1 +9 s +- +opc.tcp://a"))
                    .anyMatch(line -> line.matches("bb +Connected +1 +9 s +plc1 +opc.tcp://a"));
        }
    }

    @Test
    void explainTakesANameForItsEndpoint() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding(
                "{\"allowed\":true,\"principal\":\"user:joe\",\"rule\":null,\"reasons\":[]}")) {

            int code = run.run("policy", "explain", "read", "--endpoint", "plc1", "--socket", daemon.uri());

            assertThat(code).isZero();
            assertThat(daemon.requests().get(0))
                    .contains("\"connection\":\"plc1\"")
                    .doesNotContain("endpointUrl");
        }
    }

    private static String session(String id, String connection) {
        return "{\"id\":\"" + id + "\",\"endpointUrl\":\"opc.tcp://a\",\"lastUsed\":1.5,\"config\":{},"
                + "\"state\":\"Connected\",\"holders\":1,\"connection\":" + connection + "}";
    }
}
