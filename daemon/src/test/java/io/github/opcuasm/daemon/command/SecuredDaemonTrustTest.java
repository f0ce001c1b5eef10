package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static io.github.opcuasm.daemon.command.RunningDaemon.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Simulator;
import io.github.opcuasm.simulator.certificates.CertificateFiles;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers with the wrong certificate get no session, and callers get at no files but those they may name. */
@Timeout(120)
final class SecuredDaemonTrustTest {
    private static final String SECURE = "'securityPolicy':'Basic256Sha256','opcuaTimeout':30";
    private static final String READ_INT32 = "['ns=2;s=Scalars/Int32']";

    @TempDir
    private Path directory;

    private final Simulator simulator = Simulator.builder().secured().build();
    private final List<RunningDaemon> daemons = new ArrayList<>();

    @AfterEach
    void stop() {
        daemons.forEach(RunningDaemon::close);
    }

    /** What a server can show that the policy full refuses, trusted or not. */
    enum Flaw {
        EXPIRED("expired on") {
            @Override
            void putInto(CertificateTemplate template) {
                template.expired();
            }
        },
        NOT_YET_VALID("is not valid before") {
            @Override
            void putInto(CertificateTemplate template) {
                template.notYetValid();
            }
        },
        WRONG_HOST("is not for the host 127.0.0.1") {
            @Override
            void putInto(CertificateTemplate template) {
                template.hosts("elsewhere.example", "127.0.0.2");
            }
        },
        WRONG_APPLICATION("is not for the application URI") {
            @Override
            void putInto(CertificateTemplate template) {
                template.applicationUri("urn:somebody:else");
            }
        },
        WRONG_KEY_USAGE("keyUsage") {
            @Override
            void putInto(CertificateTemplate template) {
                template.wrongKeyUsage();
            }
        };

        private final String objection;

        Flaw(String objection) {
            this.objection = objection;
        }

        abstract void putInto(CertificateTemplate template);
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void flawedCertificateIsRefusedAlthoughItIsTrusted(Flaw flaw) throws Exception {
        RunningDaemon daemon = daemon(options -> options);
        CertificateTemplate template = CertificateTemplate.server("127.0.0.1");
        flaw.putInto(template);
        IssuedCertificate flawed = template.selfSigned();
        simulator.certificate(flawed);
        String config = fullTrust("store");
        trust(daemon, "store", flawed);

        JsonValue.Obj error = daemon.error(daemon.opening(config));

        assertThat(text(error, "type")).isEqualTo("UntrustedCertificateException");
        assertThat(text(error, "message")).contains(flaw.objection, flawed.fingerprint());
        assertThat(simulator.counters().sessionsCreated()).isZero();
    }

    @Test
    void soundCertificateIsRefusedUntilItIsTrusted() throws Exception {
        RunningDaemon daemon = daemon(options -> options);
        String config = fullTrust("store");

        JsonValue.Obj error = daemon.error(daemon.opening(config));
        long createdUntrusted = simulator.counters().sessionsCreated();
        trust(daemon, "store", simulator.certificate());

        assertThat(text(error, "type")).isEqualTo("UntrustedCertificateException");
        assertThat(createdUntrusted).isZero();
        assertReads(daemon, daemon.open(config));
    }

    @Test
    void swappedCertificateGetsNoSessionUntilItIsApproved() throws Exception {
        Path state = directory.resolve("state");
        RunningDaemon daemon =
                daemon(options -> options.stateDir(state).defaultTrust(DaemonConfig.DefaultTrust.FIRST_USE));
        String live = daemon.open("{" + SECURE + "}");
        String first = simulator.certificate().fingerprint();
        IssuedCertificate swapped =
                CertificateTemplate.server("127.0.0.1").newKeys(2048).selfSigned();
        simulator.certificate(swapped);
        long created = simulator.counters().sessionsCreated();

        JsonValue.Obj error = daemon.error(daemon.openingAnew("{" + SECURE + "}"));
        long createdMeanwhile = simulator.counters().sessionsCreated();
        daemon.data("{'command':'trust','action':'approve','fingerprint':'" + swapped.fingerprint() + "'}");
        JsonValue.Obj approved = (JsonValue.Obj) daemon.data(daemon.openingAnew("{" + SECURE + "}"));

        assertThat(text(error, "type")).isEqualTo("UntrustedCertificateException");
        assertThat(text(error, "message")).contains(first, swapped.fingerprint(), "trust approve");
        assertThat(createdMeanwhile).isEqualTo(created);
        assertReads(daemon, text(approved, "sessionId"));
        assertReads(daemon, live);
    }

    /** The certificate of the endpoint is swapped while the daemon is down: what it has kept still counts. */
    @Test
    void restartOfTheDaemonIsNoFirstUse() throws Exception {
        Path state = directory.resolve("state");
        RunningDaemon daemon = daemon(options -> options.stateDir(state));
        daemon.open("{" + SECURE + "}");
        daemon.shutDown();
        simulator.certificate(
                CertificateTemplate.server("127.0.0.1").newKeys(2048).selfSigned());

        RunningDaemon next = daemon.successor(options -> options.stateDir(state));
        daemons.add(next);
        // Not the handle that has been remembered: that waits for the certificate of before.
        JsonValue.Obj error = next.error(next.opening("{" + SECURE + ",'sessionTimeout':60}"));

        assertThat(text(error, "type")).isEqualTo("UntrustedCertificateException");
    }

    /** ALLOWED is the directory that callers may name files in, OUTSIDE the one beside it that has the same files. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "OUTSIDE/FILE",
                "ALLOWED/../outside/FILE",
                "ALLOWED/sub/../../outside/FILE",
                "ALLOWED/link/FILE",
                "ALLOWED/link-FILE",
                "ALLOWED/link/../outside/FILE",
                "ALLOWED-too/FILE",
                "CASE/FILE"
            })
    void noPathLeadsOutOfTheAllowedDirectories(String path) throws Exception {
        Path allowed = filesIn(Files.createDirectories(directory.resolve("allowed")));
        Path outside = filesIn(Files.createDirectories(directory.resolve("outside")));
        filesIn(Files.createDirectories(directory.resolve("allowed-too")));
        filesIn(Files.createDirectories(directory.resolve("ALLOWED")));
        Files.createDirectories(allowed.resolve("sub"));
        Files.createSymbolicLink(allowed.resolve("link"), outside);
        for (String file : List.of("cert.pem", "key.pem", "store")) {
            Files.createSymbolicLink(allowed.resolve("link-" + file), outside.resolve(file));
        }
        RunningDaemon daemon = daemon(options -> options.allowedCertDirs(List.of(allowed)));
        UnaryOperator<String> inside = file -> allowed.resolve(file).toString();
        UnaryOperator<String> named = file -> path.replace("ALLOWED", allowed.toString())
                .replace("OUTSIDE", outside.toString())
                .replace("CASE", directory.resolve("ALLOWED").toString())
                .replace("FILE", file);

        String good = config(inside.apply("cert.pem"), inside.apply("key.pem"), inside.apply("store"));
        List<String> bad = List.of(
                config(named.apply("cert.pem"), inside.apply("key.pem"), inside.apply("store")),
                config(inside.apply("cert.pem"), named.apply("key.pem"), inside.apply("store")),
                config(inside.apply("cert.pem"), inside.apply("key.pem"), named.apply("store")),
                "{" + SECURE + ",'caCertPath':'" + named.apply("cert.pem") + "'}",
                "{" + SECURE + ",'userCertPath':'" + named.apply("cert.pem") + "','userKeyPath':'"
                        + named.apply("key.pem") + "'}");

        for (String config : bad) {
            JsonValue.Obj error = daemon.error(daemon.opening(config));
            assertThat(text(error, "type")).as(config).isEqualTo("InvalidArgumentException");
            assertThat(text(error, "message")).contains("[path]").doesNotContain(directory.toString());
        }
        assertThat(simulator.counters().connections()).isZero();
        assertReads(daemon, daemon.open(good));
        assertThat(outside.resolve("store")).isEmptyDirectory();
    }

    @Test
    void storeThatBecameALinkOutwardsIsNotWrittenTo() throws Exception {
        Path allowed = Files.createDirectories(directory.resolve("allowed"));
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Path store = Files.createDirectory(allowed.resolve("store"));
        RunningDaemon daemon = daemon(options -> options.allowedCertDirs(List.of(allowed)));
        String session = daemon.open("{'trustStorePath':'" + store + "'}");
        String certificate =
                Base64.getEncoder().encodeToString(simulator.certificate().der());

        Files.delete(store);
        Files.createSymbolicLink(store, outside);
        JsonValue.Obj method = daemon.error(query(session, "trustCertificate", "['" + certificate + "']"));
        JsonValue.Obj command = daemon.error("{'command':'trust','action':'add','trustStorePath':'" + store
                + "','certificate':'" + certificate + "'}");

        for (JsonValue.Obj error : List.of(method, command)) {
            assertThat(text(error, "type")).isEqualTo("InvalidArgumentException");
            assertThat(text(error, "message")).contains("[path]").doesNotContain(directory.toString());
        }
        assertThat(outside).isEmptyDirectory();
    }

    private RunningDaemon daemon(UnaryOperator<DaemonConfig.Builder> options) throws Exception {
        RunningDaemon daemon = new RunningDaemon(simulator, options);
        daemons.add(daemon);
        return daemon;
    }

    /** A client's certificate and key, and an empty trust store; returns the directory. */
    private static Path filesIn(Path folder) throws Exception {
        IssuedCertificate client = CertificateTemplate.client("urn:test:client").selfSigned();
        CertificateFiles files = new CertificateFiles(folder);
        files.pem("cert.pem", client.certificate());
        files.pkcs8Pem("key.pem", client.privateKey());
        Files.createDirectory(folder.resolve("store"));
        return folder;
    }

    private static String config(String certificate, String key, String store) {
        return "{" + SECURE + ",'trustPolicy':'fingerprint','autoAccept':true,'clientCertPath':'" + certificate
                + "','clientKeyPath':'" + key + "','trustStorePath':'" + store + "'}";
    }

    private String fullTrust(String store) {
        return "{" + SECURE + ",'trustPolicy':'full','trustStorePath':'" + directory.resolve(store) + "'}";
    }

    private void trust(RunningDaemon daemon, String store, IssuedCertificate certificate) throws Exception {
        daemon.data("{'command':'trust','action':'add','trustStorePath':'" + directory.resolve(store)
                + "','certificate':'" + Base64.getEncoder().encodeToString(certificate.der()) + "'}");
        try (Stream<Path> trusted = Files.list(directory.resolve(store).resolve("trusted"))) {
            assertThat(trusted).hasSize(1);
        }
    }

    private static void assertReads(RunningDaemon daemon, String session) throws Exception {
        JsonValue.Obj read = (JsonValue.Obj) daemon.data(query(session, "read", READ_INT32));
        assertThat(read.get("statusCode")).hasToString("0");
    }
}
