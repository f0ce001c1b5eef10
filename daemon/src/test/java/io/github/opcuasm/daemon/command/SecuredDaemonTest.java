package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.HandshakeFault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.certificates.CertificateFiles;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose session is whose towards a secured server, and that nobody gets one by a weaker way than was asked for. */
@Timeout(120)
final class SecuredDaemonTest {
    private static final String SECURE = "'securityPolicy':'Basic256Sha256','opcuaTimeout':30";
    private static final String OPERATOR = "{" + SECURE + ",'username':'operator','password':'right'}";
    private static final String READ_INT32 = "['ns=2;s=Scalars/Int32']";

    @TempDir
    private Path directory;

    private final IssuedCertificate user = CertificateTemplate.user("operator").selfSigned();
    private final Simulator simulator = Simulator.builder()
            .secured(options -> options.user("operator", "right").userCertificate(user.certificate()))
            .build();
    private final List<RunningDaemon> daemons = new ArrayList<>();

    @AfterEach
    void stop() {
        daemons.forEach(RunningDaemon::close);
    }

    @Test
    void wrongPasswordNeitherGetsNorDisturbsTheLiveSessionOfTheSameUser() throws Exception {
        RunningDaemon daemon = daemon();
        String live = daemon.open(OPERATOR);
        long activated = simulator.counters().sessionsActivated();

        JsonValue.Obj error = daemon.error(daemon.opening(OPERATOR.replace("right", "wrong")));
        JsonValue.Obj nobody = daemon.error(daemon.opening(OPERATOR.replace("right", "")));

        assertThat(text(error, "type")).isEqualTo("ServiceException");
        assertThat(text(error, "message"))
                .contains("The server refused the session")
                .doesNotContain("wrong");
        assertThat(text(nobody, "type")).isEqualTo("ServiceException");
        assertThat(simulator.counters().sessionsActivated()).isEqualTo(activated);
        assertThat(simulator.counters().activationsRefused()).isEqualTo(2);
        assertReads(daemon, live);
        assertThat(sessionIds(daemon)).containsExactly(live);
        await().until(() -> simulator.counters().sessionsNow() == 1);
        assertThat(simulator.counters().sessionsActivated()).isEqualTo(activated);
    }

    @Test
    void keyFileThatChangedBetweenTwoOpensGivesAnotherSession() throws Exception {
        RunningDaemon daemon = daemon();
        String config = clientFiles(CertificateTemplate.client("urn:test:client:one"), "");
        String before = daemon.open(config);
        String again = daemon.open(config);

        clientFiles(CertificateTemplate.client("urn:test:client:two").newKeys(2048), "");
        String after = daemon.open(config);

        assertThat(again).isEqualTo(before);
        assertThat(after).isNotEqualTo(before);
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(2);
        assertReads(daemon, before);
        assertReads(daemon, after);
    }

    /** A plain key needs no passphrase, so both opens are good. */
    @Test
    void opensThatDifferOnlyInThePassphraseOfTheUsersKeyShareNothing() throws Exception {
        RunningDaemon daemon = daemon();
        CertificateFiles files = new CertificateFiles(directory);
        String config = "{" + SECURE + ",'userCertPath':'" + files.pem("user.pem", user.certificate())
                + "','userKeyPath':'" + files.pkcs8Pem("user.key", user.privateKey())
                + "','userKeyPassphrase':'PASSPHRASE'}";

        String one = daemon.open(config.replace("PASSPHRASE", "one"));
        String other = daemon.open(config.replace("PASSPHRASE", "other"));

        assertThat(other).isNotEqualTo(one);
        assertThat(simulator.counters().sessionsActivated()).isEqualTo(2);
    }

    @Test
    void wrongPassphraseDoesNotGetTheSessionOfTheRightOne() throws Exception {
        RunningDaemon daemon = daemon();
        CertificateFiles files = new CertificateFiles(directory);
        String config = "{" + SECURE + ",'userCertPath':'" + files.pem("user.pem", user.certificate())
                + "','userKeyPath':'" + files.pkcs8Pem("user.key", user.privateKey(), "right")
                + "','userKeyPassphrase':'right'}";
        String live = daemon.open(config);

        JsonValue.Obj error = daemon.error(daemon.opening(config.replace("'right'", "'wrong'")));
        JsonValue.Obj without = daemon.error(daemon.opening(config.replace(",'userKeyPassphrase':'right'", "")));

        assertThat(text(error, "type")).isEqualTo("SecurityException");
        assertThat(text(without, "type")).isEqualTo("SecurityException");
        assertThat(simulator.counters().sessionsCreated()).isEqualTo(1);
        assertReads(daemon, live);
    }

    /** With a list of its own, and with one that somebody in between has made of it. */
    @Test
    void serverThatOffersOnlyNoneGetsNeitherASessionNorAPassword() throws Exception {
        RunningDaemon daemon = daemon();
        try (Simulator plain = Simulator.builder().build()) {
            plain.start();
            simulator.faults().disturb(HandshakeFault.GET_ENDPOINTS_ONLY_NONE);

            JsonValue.Obj tampered = daemon.error(daemon.opening(OPERATOR));
            JsonValue.Obj weak =
                    daemon.error(daemon.opening(OPERATOR).replace(simulator.endpointUrl(), plain.endpointUrl()));

            for (JsonValue.Obj error : List.of(tampered, weak)) {
                assertThat(text(error, "type")).isEqualTo("SecurityException");
                assertThat(text(error, "message")).contains("Basic256Sha256 SignAndEncrypt; it offers: None");
            }
            assertThat(simulator.counters().received(Service.CREATE_SESSION)).isZero();
            assertThat(plain.counters().received(Service.CREATE_SESSION)).isZero();
        }
    }

    @Test
    void deprecatedPoliciesNeedTheOptionAndNothingIsSentWithoutIt() throws Exception {
        RunningDaemon daemon = daemon();
        List<String> deprecated = List.of("{'securityPolicy':'Basic256'}", "{'securityPolicy':'Basic128Rsa15'}");

        for (String config : deprecated) {
            JsonValue.Obj error = daemon.error(daemon.opening(config));
            assertThat(text(error, "type")).isEqualTo("SecurityException");
            assertThat(text(error, "message")).contains("--allow-deprecated-policies");
        }
        long connectionsWithout = simulator.counters().connections();
        RunningDaemon permitted = daemon.successor(options -> options.allowDeprecatedPolicies(true));
        daemons.add(permitted);

        assertThat(connectionsWithout).isZero();
        for (String config : deprecated) {
            assertReads(permitted, permitted.open(config));
        }
    }

    @Test
    void handshakesStayWithinTheirBoundHoweverManyOpenAtOnceOrComeBack() throws Exception {
        int bound = 3;
        int sessions = 60;
        RunningDaemon daemon = new RunningDaemon(simulator, options -> options.handshakesPerServer(bound));
        daemons.add(daemon);
        ExecutorService callers = Executors.newFixedThreadPool(sessions);
        try {
            List<CompletableFuture<JsonValue>> opens = IntStream.range(0, sessions)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> opened(daemon), callers))
                    .toList();
            CompletableFuture.allOf(opens.toArray(CompletableFuture[]::new)).join();
        } finally {
            callers.shutdown();
        }
        int mostWhileOpening = simulator.counters().mostHandshakesAtOnce();

        simulator.stop();
        simulator.counters().resetMostHandshakesAtOnce();
        simulator.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> simulator.counters().sessionsNow() == sessions);
        List<String> ids = sessionIds(daemon);

        assertThat(mostWhileOpening).isBetween(2, bound);
        assertThat(simulator.counters().mostHandshakesAtOnce()).isBetween(2, bound);
        assertThat(ids).hasSize(sessions);
        for (String id : ids) {
            assertReads(daemon, id);
        }
    }

    @Test
    void ownCertificateIsForItsUserAloneAndTheSameAfterARestart() throws Exception {
        Path state = directory.resolve("state");
        RunningDaemon daemon = new RunningDaemon(simulator, options -> options.stateDir(state));
        daemons.add(daemon);
        daemon.open("{" + SECURE + "}");
        JsonValue.Obj before = ownCertificate(daemon);

        daemon.shutDown();
        RunningDaemon next = daemon.successor(options -> options.stateDir(state));
        daemons.add(next);
        JsonValue.Obj after = ownCertificate(next);
        assertReads(next, next.open("{" + SECURE + "}"));

        assertThat(text(before, "sha256")).hasSize(64);
        assertThat(text(after, "sha256")).isEqualTo(text(before, "sha256"));
        try (Stream<Path> kept = Files.walk(state.resolve("own"))) {
            List<Path> files = kept.filter(Files::isRegularFile).toList();
            assertThat(files).isNotEmpty();
            for (Path file : files) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("%s", file)
                        .isEqualTo("rw-------");
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
    }

    private RunningDaemon daemon() throws Exception {
        RunningDaemon daemon = new RunningDaemon(simulator, options -> options);
        daemons.add(daemon);
        return daemon;
    }

    /** Writes our certificate and key, and makes a config that names them. */
    private String clientFiles(CertificateTemplate template, String more) {
        IssuedCertificate client = template.selfSigned();
        CertificateFiles files = new CertificateFiles(directory);
        return "{" + SECURE + ",'clientCertPath':'" + files.pem("client.pem", client.certificate())
                + "','clientKeyPath':'" + files.pkcs8Pem("client.key", client.privateKey()) + "'" + more + "}";
    }

    private static JsonValue opened(RunningDaemon daemon) {
        try {
            return daemon.data(daemon.openingAnew(OPERATOR));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertReads(RunningDaemon daemon, String session) throws Exception {
        JsonValue.Obj read = (JsonValue.Obj) daemon.data(query(session, "read", READ_INT32));
        assertThat(read.get("statusCode")).hasToString("0");
    }

    private static List<String> sessionIds(RunningDaemon daemon) throws Exception {
        JsonValue.Obj list = (JsonValue.Obj) daemon.data("{'command':'list'}");
        JsonValue.Arr sessions = (JsonValue.Arr) Objects.requireNonNull(list.get("sessions"));
        return sessions.elements().stream()
                .map(entry -> text((JsonValue.Obj) entry, "id"))
                .toList();
    }

    private static JsonValue.Obj ownCertificate(RunningDaemon daemon) throws Exception {
        return (JsonValue.Obj) daemon.data("{'command':'certificate','action':'show'}");
    }
}
