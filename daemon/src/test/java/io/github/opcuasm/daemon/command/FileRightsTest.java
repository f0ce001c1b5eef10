package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.TokensAndRightsTest.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.access.NamedToken;
import io.github.opcuasm.daemon.access.TokensFile;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what with which file. */
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class FileRightsTest {
    private static final Map<String, String> SESSIONS = new HashMap<>();
    private static RunningDaemon daemon;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Path tokens = directory.resolve("tokens");
        token(tokens, "reader", "read", "*");
        token(tokens, "caller", "read call", "ns=2;s=Files/logs*");
        daemon = new RunningDaemon(options -> options.tokensFile(tokens));
        for (String who : List.of("reader", "caller")) {
            SESSIONS.put(who, text((JsonValue.Obj) daemon.data(as(who, daemon.opening("{}"))), "sessionId"));
        }
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    /** What is allowed fails later: there is no such file, and no such handle. */
    @ParameterizedTest(name = "{0}: {1}{2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
                    reader | openFile | ['ns=2;s=Files/data.bin',1]                      | access_denied
                    reader | writeFile | ['ns=2;s=Files/data.bin',1,'x']                 | access_denied
                    reader | createDirectory | ['ns=2;s=Files','x']                      | access_denied
                    reader | createFileInDirectory | ['ns=2;s=Files','x']                | access_denied
                    reader | deleteFileSystemObject | ['ns=2;s=Files','ns=2;s=Files/data.bin'] | access_denied
                    reader | moveOrCopyFileSystemObject | ['ns=2;s=Files','ns=2;s=Files/data.bin','ns=2;s=Files/logs'] | access_denied
                    reader | readFile | ['ns=2;s=Files/data.bin',1,5]                    | ServiceException
                    reader | closeFile | ['ns=2;s=Files/data.bin',1]                     | ServiceException
                    caller | openFile | ['ns=2;s=Files/data.bin',1]                      | access_denied
                    caller | openFile | ['ns=2;s=Files/logs/none',1]                     | ServiceException
                    caller | writeFile | ['ns=2;s=Files/data.bin',1,'x']                 | access_denied
                    caller | readFile | ['ns=2;s=Files/data.bin',1,5]                    | access_denied
                    caller | setFilePosition | ['ns=2;s=Files/data.bin',1,5]             | access_denied
                    caller | createDirectory | ['ns=2;s=Files','x']                      | access_denied
                    caller | deleteFileSystemObject | ['ns=2;s=Files','ns=2;s=Files/logs/x'] | access_denied
                    caller | deleteFileSystemObject | ['ns=2;s=Files/logs','ns=2;s=Files/data.bin'] | access_denied
                    caller | deleteFileSystemObject | ['ns=2;s=Files/logs','ns=2;s=Files/logs/x'] | ServiceException
                    caller | moveOrCopyFileSystemObject | ['ns=2;s=Files/logs','ns=2;s=Files/data.bin','ns=2;s=Files/logs'] | access_denied
                    caller | moveOrCopyFileSystemObject | ['ns=2;s=Files/logs','ns=2;s=Files/logs/x','ns=2;s=Files'] | access_denied
                    """)
    void aMethodNeedsItsScopeOnEveryFileAndDirectoryThatItTouches(
            String who, String method, String args, String expected) throws Exception {
        long calls = daemon.simulator.counters().received(Service.CALL);

        JsonValue.Obj answer = daemon.ask(as(who, invoke(Objects.requireNonNull(SESSIONS.get(who)), method, args)));

        assertThat(outcome(answer)).isEqualTo(expected);
        if (expected.equals("access_denied")) {
            assertThat(daemon.simulator.counters().received(Service.CALL)).isEqualTo(calls);
        }
    }

    private static void token(Path tokens, String name, String scopes, String node) throws Exception {
        new TokensFile(tokens)
                .add(new NamedToken(
                        name,
                        TokensFile.sha256(name),
                        Grant.of(List.of(scopes.split(" ")), List.of("*"), List.of(node), Map.of()),
                        null));
    }

    private static String as(String who, String request) {
        return request.replaceFirst("\\{", "{'authToken':'" + who + "',");
    }
}
