package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever fails, the message says what to do next. */
class NextStepsTest {
    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            session_not_found    | `opcua-session-manager list` shows what is open
            auth_failed          | set OPCUA_AUTH_TOKEN or pass --auth-token-file
            max_sessions_reached | start the daemon with a larger --max-sessions
            session_budget       | start the daemon with a longer --open-wait
            overloaded           | try again in a moment
            too_many_connections | a larger --max-connections
            payload_too_large    | a larger --max-frame-bytes
            shutting_down        | `opcua-session-manager ping --wait 30`
            unknown_command      | `opcua-session-manager hello` shows its version and features
            access_denied        | `opcua-session-manager policy explain trust`
            rate_limited         | `opcua-session-manager policy explain trust`
            """)
    void errorOfTheDaemonHasANextStep(String type, String expected) throws Exception {
        try (var daemon = AnsweringDaemon.failing(type, "no", "")) {

            int code = run.run("trust", "list", "--socket", daemon.uri());

            assertThat(code).isEqualTo(1);
            assertThat(run.stderr()).startsWith("opcua-session-manager: no: ").contains(expected);
        }
    }

    /** Names of nodes and messages come from servers, which anyone may have written. */
    @Test
    void whatServersSayGivesTheTerminalNoCommands() throws Exception {
        try (var daemon =
                AnsweringDaemon.failing("ServiceException", "no \\u001b]0;owned\\u0007 \\u009b2J\\rnode", "")) {

            int code = run.run("trust", "list", "--socket", daemon.uri());

            assertThat(code).isEqualTo(1);
            assertThat(run.stderr())
                    .startsWith("opcua-session-manager: no  ]0;owned   2J node")
                    .matches("\\P{Cntrl}*\\R");
        }
    }

    @Test
    void nodeIdThatATerminalWouldObeyIsShownAsAJsonString() throws Exception {
        String session = "\"sessionId\":\"0123456789abcdef0123456789abcdef\",\"reused\":true,";
        try (var daemon =
                AnsweringDaemon.succeeding("{" + session + "\"ns\":2,\"id\":\"Pump\\u001b[2J\",\"type\":\"string\"}")) {

            int code = run.run("resolve", "plc1", "/Objects/2:Pump", "--socket", daemon.uri());

            assertThat(code).as(run.stderr()).isZero();
            assertThat(run.stdout()).isEqualToIgnoringNewLines("\"ns=2;s=Pump\\u001B[2J\"\n");
        }
    }

    @Test
    void daemonThatDoesNotAnswerCanBeGivenMoreTime() throws Exception {
        try (var daemon = AnsweringDaemon.silent()) {

            int code = run.run("hello", "--socket", daemon.uri(), "--timeout", "0.05");

            assertThat(code).isEqualTo(1);
            assertThat(run.stderr()).contains("--timeout SECONDS waits longer");
        }
    }

    @Test
    void helpFitsANarrowTerminal() throws Exception {
        int code = run.environment("COLUMNS", "40").run("history", "--help");

        assertThat(code).isZero();
        assertThat(run.stdout()).contains("--calculated-by", "history insert");
        assertThat(run.stdout().lines().filter(line -> !line.startsWith("  history ")))
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(40));
    }

    /** Whoever misspells a method is shown the nearest one of those that there are. */
    @Test
    void queryKnowsTheMethodsOfTheProtocol() throws Exception {
        Path page = Path.of("..", "docs", "methods.md");
        Matcher rows = Pattern.compile("(?m)^\\| `(\\w+)` \\|[^|]*\\| (?:yes|protocol 2) \\|")
                .matcher(Files.readString(page));

        List<String> documented = rows.results().map(row -> row.group(1)).toList();

        assertThat(documented).hasSizeGreaterThan(40);
        assertThat(QueryCommand.METHODS).containsExactlyInAnyOrderElementsOf(documented);
    }
}
