package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.invoke;
import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static io.github.opcuasm.daemon.command.TokensAndRightsTest.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.daemon.policy.AccessRule;
import io.github.opcuasm.daemon.policy.AddressRules;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Who is known by the user of his process, on Unix sockets, and what the rules of the policy let him do. */
@EnabledOnOs(OS.LINUX)
final class UsersAndRulesTest {
    private static final String US = System.getProperty("user.name");
    private static final String WRITE = "['ns=2;s=Scalars/Int32',7,6]";

    private Path directory;
    private IpcEndpoint socket;
    private IpcEndpoint readOnlySocket;

    @BeforeEach
    void makeDirectory() throws Exception {
        directory = OtherUser.openDirectory();
        socket = new IpcEndpoint.Unix(directory.resolve("s"));
        readOnlySocket = new IpcEndpoint.Unix(directory.resolve("r"));
    }

    @AfterEach
    void removeDirectory() throws Exception {
        Files.deleteIfExists(directory);
    }

    private DaemonConfig.Builder onSocket(DaemonConfig.Builder options, AccessPolicy policy) {
        return options.socket(socket).socketMode(0666).accessPolicy(policy);
    }

    @Test
    void withoutAPolicyEachUserHasHandlesOfItsOwnAndMayDoEverything() throws Exception {
        OtherUser.assumePossible();
        OtherUser nobody = new OtherUser("nobody", "nogroup");
        try (RunningDaemon daemon = new RunningDaemon(options -> onSocket(options, AccessPolicy.AS_REFERENCE))) {
            String ours = opened(daemon.askOn(0, open(daemon)));

            String theirs = opened(nobody.ask(socket, open(daemon)));

            assertThat(theirs).isNotEqualTo(ours);
            assertThat(outcome(nobody.ask(socket, query(ours, "read", "['i=2258']"))))
                    .isEqualTo("session_not_found");
            assertThat(outcome(nobody.ask(socket, "{'command':'close','force':true,'sessionId':'" + ours + "'}")))
                    .isEqualTo("session_not_found");
            assertThat(outcome(nobody.ask(socket, query(theirs, "write", WRITE))))
                    .isEqualTo("ok");
            assertThat(outcome(daemon.askOn(0, query(ours, "write", WRITE)))).isEqualTo("ok");
            assertThat(nobody.ask(socket, "{'command':'list'}").toString())
                    .contains(theirs)
                    .doesNotContain(ours);
        }
    }

    @Test
    void sharedHandlesAreEverybodys() throws Exception {
        OtherUser.assumePossible();
        OtherUser nobody = new OtherUser("nobody", "nogroup");
        AccessPolicy shared = new AccessPolicy(true, AddressRules.DEFAULT, List.of());
        try (RunningDaemon daemon = new RunningDaemon(options -> onSocket(options, shared))) {
            String ours = opened(daemon.askOn(0, open(daemon)));

            assertThat(outcome(nobody.ask(socket, query(ours, "read", "['i=2258']"))))
                    .isEqualTo("ok");
        }
    }

    @Test
    void rulesForUsersAndGroupsHoldWithoutAnyToken() throws Exception {
        OtherUser.assumePossible();
        AccessPolicy policy = policy(
                rule("ours", "user:" + US, "read write call admin"),
                rule("players", "group:games", "read"),
                rule("web", "user:www-data", "read write"));
        try (RunningDaemon daemon = new RunningDaemon(options -> onSocket(options, policy))) {
            OtherUser player = new OtherUser("nobody", "games");
            OtherUser web = new OtherUser("www-data", "www-data");
            OtherUser stranger = new OtherUser("nobody", "nogroup");

            String players = opened(player.ask(socket, open(daemon)));
            assertThat(outcome(player.ask(socket, query(players, "read", "['i=2258']"))))
                    .isEqualTo("ok");
            assertThat(outcome(player.ask(socket, query(players, "write", WRITE))))
                    .isEqualTo("access_denied");
            String webs = opened(web.ask(socket, open(daemon)));
            assertThat(outcome(web.ask(socket, query(webs, "write", WRITE)))).isEqualTo("ok");
            JsonValue.Obj refused = stranger.ask(socket, open(daemon));
            assertThat(outcome(refused)).isEqualTo("access_denied");
            assertThat(refused.toString()).contains("no rule is for user:nobody");
            assertThat(outcome(stranger.ask(socket, "{'command':'ping'}"))).isEqualTo("ok");
            assertThat(daemon.askOn(0, "{'command':'list'}").toString()).contains(players, webs);
        }
    }

    @Test
    void aRuleForAUserStandsBesideTokensAndATokenDecidesOverTheUser() throws Exception {
        AccessPolicy policy = policy(rule("ours", "user:" + US, "read"), rule("all", "anyone", "read"));
        try (RunningDaemon daemon = new RunningDaemon(
                options -> onSocket(options, policy).authToken("all-powerful").socket(socket, tcp()))) {
            String ours = opened(daemon.askOn(0, open(daemon)));

            assertThat(outcome(daemon.askOn(0, query(ours, "write", WRITE)))).isEqualTo("access_denied");
            assertThat(outcome(daemon.askOn(0, "{'command':'list','authToken':'wrong'}")))
                    .isEqualTo("auth_failed");
            assertThat(outcome(daemon.askOn(
                            0,
                            query(ours, "write", WRITE)
                                    .replace("{'command'", "{'authToken':'all-powerful','command'"))))
                    .isEqualTo("ok");
            assertThat(outcome(daemon.askOn(1, "{'command':'list'}"))).isEqualTo("auth_failed");
        }
    }

    @Test
    void onTheReadOnlySocketEvenTheAllPowerfulTokenOnlyReads() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> onSocket(options, AccessPolicy.AS_REFERENCE)
                .readOnlySocket(readOnlySocket)
                .authToken("all-powerful"))) {
            assertThat(daemon.endpoints()).containsExactly(socket, readOnlySocket);
            String open = open(daemon).replace("{'command'", "{'authToken':'all-powerful','command'");
            String writing = opened(daemon.askOn(0, open));
            String reading = opened(daemon.askOn(1, open));

            for (String denied : List.of(
                    query(reading, "write", WRITE),
                    query(reading, "writeMulti", "[[]]"),
                    query(reading, "call", "['ns=2;s=Methods','ns=2;s=Methods/Nothing']"),
                    query(reading, "trustCertificate", "['AAAA']"),
                    "{'command':'explain','as':'anyone','action':'read'}")) {
                JsonValue.Obj answer =
                        daemon.askOn(1, denied.replace("{'command'", "{'authToken':'all-powerful','command'"));
                assertThat(outcome(answer)).as(denied).isEqualTo("access_denied");
                assertThat(answer.toString()).contains("the read-only socket");
            }
            assertThat(outcome(daemon.askOn(
                            1,
                            query(reading, "read", "['i=2258']")
                                    .replace("{'command'", "{'authToken':'all-powerful','command'"))))
                    .isEqualTo("ok");
            assertThat(outcome(daemon.askOn(
                            1,
                            "{'authToken':'all-powerful','command':'close','force':true,'sessionId':'" + writing
                                    + "'}")))
                    .isEqualTo("session_not_found");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void onTheReadOnlySocketNobodyDisturbsWhatIsShared() throws Exception {
        AccessPolicy shared = new AccessPolicy(true, AddressRules.DEFAULT, List.of());
        try (RunningDaemon daemon =
                new RunningDaemon(options -> onSocket(options, shared).readOnlySocket(readOnlySocket))) {
            String writing = opened(daemon.askOn(0, open(daemon)));
            String reading = opened(daemon.askOn(1, open(daemon)));
            String accepting = open(daemon).replace("'}", "','config':{'autoAccept':true}}");

            assertThat(outcome(daemon.askOn(1, query(writing, "read", "['i=2258']"))))
                    .isEqualTo("ok");
            assertThat(outcome(daemon.askOn(1, query(reading, "createSubscription", "[]"))))
                    .isEqualTo("ok");
            for (String denied : List.of(
                    "{'command':'close','force':true,'sessionId':'" + writing + "'}",
                    query(writing, "transferSubscriptions", "[[1]]"),
                    query(writing, "deleteSubscription", "[1]"),
                    query(writing, "publish", "[]"),
                    invoke(writing, "readFile", "['ns=2;s=Files/data.bin',1,5]"),
                    invoke(writing, "setFilePosition", "['ns=2;s=Files/data.bin',1,0]"),
                    invoke(writing, "getFilePosition", "['ns=2;s=Files/data.bin',1]"),
                    invoke(writing, "closeFile", "['ns=2;s=Files/data.bin',1]"),
                    query(reading, "flushCache", "[]"),
                    query(reading, "invalidateCache", "['i=2258']"),
                    accepting)) {
                assertThat(outcome(daemon.askOn(1, denied))).as(denied).isEqualTo("access_denied");
            }
            assertThat(outcome(daemon.askOn(0, query(writing, "flushCache", "[]"))))
                    .isEqualTo("ok");
            assertThat(outcome(daemon.askOn(0, accepting))).isEqualTo("ok");
            assertThat(outcome(daemon.askOn(1, "{'command':'close','sessionId':'" + reading + "'}")))
                    .isEqualTo("ok");
        }
    }

    @Test
    void aNameThatResolvesToADeniedAddressIsRefusedWhenItIsConnectedTo() throws Exception {
        AccessPolicy policy =
                new AccessPolicy(false, AddressRules.of(List.of(), List.of("127.0.0.0/8", "::1")), List.of());
        try (RunningDaemon daemon = new RunningDaemon(options -> options.accessPolicy(policy))) {
            String named = "opc.tcp://localhost:" + daemon.simulator.port();

            for (String request : List.of(
                    "{'command':'open','endpointUrl':'" + named + "'}",
                    "{'command':'query','method':'getEndpoints','endpointUrl':'" + named + "'}",
                    "{'command':'open','endpointUrl':'" + daemon.simulator.endpointUrl() + "'}")) {
                JsonValue.Obj error = daemon.error(request);
                assertThat(text(error, "type")).as(request).isEqualTo("access_denied");
                assertThat(text(error, "message")).contains("addresses.deny");
            }
            assertThat(daemon.simulator.counters().connections()).isZero();
        }
    }

    private static IpcEndpoint tcp() {
        return new IpcEndpoint.Tcp("127.0.0.1", java.net.InetAddress.getLoopbackAddress(), 0);
    }

    private static AccessPolicy policy(AccessRule... rules) {
        return new AccessPolicy(false, AddressRules.DEFAULT, List.of(rules));
    }

    private static AccessRule rule(String name, String who, String scopes) {
        return AccessRule.of(name, List.of(who), List.of(scopes.split(" ")), List.of("*"), List.of("*"), Map.of());
    }

    private static String open(RunningDaemon daemon) {
        return "{'command':'open','endpointUrl':'" + daemon.simulator.endpointUrl() + "'}";
    }

    private static String opened(JsonValue.Obj answer) {
        assertThat(outcome(answer)).as(answer.toString()).isEqualTo("ok");
        return text((JsonValue.Obj) Objects.requireNonNull(answer.get("data")), "sessionId");
    }
}
