package io.github.opcuasm.daemon.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class OwnCertificateTest {
    private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");
    private static final Instant END = START.minus(Duration.ofDays(1)).plus(SelfSignedCertificate.LIFETIME);

    @TempDir
    private Path state;

    private final TestClock clock = new TestClock(START);
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    @AfterEach
    void endPool() {
        pool.shutdownNow();
    }

    /** Part 6, 6.2.2. */
    @Test
    void itIsAnApplicationInstanceCertificate() throws Exception {
        KeyMaterial material = own(null).current().join();

        X509Certificate certificate = material.certificate();
        certificate.verify(certificate.getPublicKey());
        assertThat(material.applicationUri()).isEqualTo("urn:edge-7:opcuasm:opcua-session-manager");
        assertThat(OwnCertificate.hostNames(certificate))
                .containsExactly("edge-7", "192.0.2.7", "2001:db8:0:0:0:0:0:7");
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withRSA");
        assertThat(((java.security.interfaces.RSAPublicKey) certificate.getPublicKey())
                        .getModulus()
                        .bitLength())
                .isEqualTo(2048);
        assertThat(certificate.getKeyUsage())
                .startsWith(true, true, true, true, false, true)
                .endsWith(false, false, false);
        assertThat(certificate.getExtendedKeyUsage())
                .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getNonCriticalExtensionOIDs()).contains("2.5.29.14", "2.5.29.35");
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(START.minus(Duration.ofDays(1)));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(END);
        assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(127);
        assertThat(CertificateChain.fits(material.privateKey(), certificate.getPublicKey()))
                .isTrue();
    }

    @Test
    void allWhoAskAtOnceGetOne() throws Exception {
        OwnCertificate own = own(state);
        CountDownLatch together = new CountDownLatch(1);
        ExecutorService askers = Executors.newFixedThreadPool(50);
        try {
            Callable<KeyMaterial> ask = () -> {
                together.await();
                return own.current().get();
            };
            List<Future<KeyMaterial>> answers = new ArrayList<>();
            for (Callable<KeyMaterial> asker : Collections.nCopies(50, ask)) {
                answers.add(askers.submit(asker));
            }
            together.countDown();

            Set<X509Certificate> seen = new HashSet<>();
            for (Future<KeyMaterial> answer : answers) {
                seen.add(answer.get().certificate());
            }
            assertThat(seen).hasSize(1);
            assertThat(files()).containsExactly("certificate.der", "private-key.pem");
        } finally {
            askers.shutdownNow();
        }
    }

    @Test
    void itOutlastsTheDaemonInFilesForItsUserAlone() throws Exception {
        X509Certificate first = own(state).current().join().certificate();

        assertThat(own(state).current().join().certificate()).isEqualTo(first);
        assertThat(mode(state.resolve("own"))).isEqualTo("rwx------");
        assertThat(mode(state.resolve("own/certificate.der"))).isEqualTo("rw-------");
        assertThat(mode(state.resolve("own/private-key.pem"))).isEqualTo("rw-------");
        assertThat(state.resolve("own/certificate.der")).hasBinaryContent(first.getEncoded());
    }

    @Test
    void itIsDescribedForOperators() throws Exception {
        CertificateDescription kept = own(state).describe().join();
        CertificateDescription inMemory = own(null).describe().join();

        assertThat(kept.path()).isEqualTo(state.resolve("own/certificate.der"));
        assertThat(kept.sha1()).matches("[0-9a-f]{40}");
        assertThat(kept.sha256()).matches("[0-9a-f]{64}");
        assertThat(kept.notAfter()).isEqualTo(END);
        assertThat(kept.successor()).isNull();
        assertThat(EncodedCertificates.decode(kept.pem().getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .singleElement()
                .satisfies(certificate ->
                        assertThat(Fingerprints.sha256(certificate)).isEqualTo(kept.sha256()));
        assertThat(inMemory.path()).isNull();
        assertThat(kept.toString()).doesNotContain("PRIVATE");
    }

    @Test
    void itsSuccessorLiesBesideForAMonthAndThenTakesItsPlace() throws Exception {
        OwnCertificate own = own(state);
        X509Certificate first = own.current().join().certificate();
        clock.set(END.minus(Duration.ofDays(31)));
        own.maintain().join();
        assertThat(own.describe().join().successor()).isNull();

        clock.set(END.minus(Duration.ofDays(29)));
        own.maintain().join();
        CertificateDescription announced = own.describe().join();
        CertificateDescription successor = Objects.requireNonNull(announced.successor());
        assertThat(own.current().join().certificate()).isEqualTo(first);
        assertThat(successor.path()).isEqualTo(state.resolve("own/next.certificate.der"));
        assertThat(files())
                .containsExactly("certificate.der", "next.certificate.der", "next.private-key.pem", "private-key.pem");

        // A restart in between changes nothing.
        OwnCertificate restarted = own(state);
        assertThat(restarted.current().join().certificate()).isEqualTo(first);
        clock.set(END.minus(Duration.ofHours(23)));
        KeyMaterial second = restarted.current().join();
        assertThat(Fingerprints.sha256(second.certificate())).isEqualTo(successor.sha256());
        assertThat(second.certificate().getPublicKey()).isNotEqualTo(first.getPublicKey());
        assertThat(second.certificate().getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        assertThat(files()).containsExactly("certificate.der", "private-key.pem");
        assertThat(own(state).current().join().certificate()).isEqualTo(second.certificate());
    }

    @Test
    void aClockThatJumpsIsHarmless() throws Exception {
        OwnCertificate own = own(state);
        X509Certificate first = own.current().join().certificate();
        clock.set(END.plus(Duration.ofDays(1000)));
        X509Certificate second = own.current().join().certificate();
        assertThat(second).isNotEqualTo(first);

        clock.set(START);
        assertThat(own.current().join().certificate()).isEqualTo(second);
        own.maintain().join();
        assertThat(own(state).current().join().certificate()).isEqualTo(second);
        assertThat(files()).containsExactly("certificate.der", "private-key.pem");
    }

    @Test
    void maintenanceMakesNoFirstCertificate() throws Exception {
        own(state).maintain().join();

        assertThat(files()).isEmpty();
    }

    /** Wherever a crash falls between the moves, the next start ends up with a pair that fits. */
    @Test
    void aCrashWhileItIsReplacedIsSurvived() throws Exception {
        own(state).current().join();
        Path directory = state.resolve("own");
        byte[] oldKey = Files.readAllBytes(directory.resolve("private-key.pem"));
        KeyMaterial next = SelfSignedCertificate.generate(host(), START);
        OwnCertificateFiles files = new OwnCertificateFiles(directory, clock);
        files.load();

        // The key was moved, the certificate not yet.
        files.writeNext(next);
        Files.move(
                directory.resolve("next.private-key.pem"),
                directory.resolve("private-key.pem"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(own(state).current().join().certificate()).isEqualTo(next.certificate());
        assertThat(files()).containsExactly("certificate.der", "private-key.pem");

        // The next key was written, its certificate not yet.
        Files.write(directory.resolve("next.private-key.pem"), oldKey);
        assertThat(own(state).current().join().certificate()).isEqualTo(next.certificate());
        assertThat(files()).hasSize(3).contains("certificate.der", "private-key.pem");

        // The very first pair was written and not yet moved.
        Files.delete(directory.resolve("certificate.der"));
        Files.delete(directory.resolve("private-key.pem"));
        files.writeNext(next);
        assertThat(own(state).current().join().certificate()).isEqualTo(next.certificate());
    }

    @Test
    void whatCannotBeUsedIsSetAsideAndNeverFatal() throws Exception {
        own(state).current().join();
        Path directory = state.resolve("own");
        byte[] certificate = Files.readAllBytes(directory.resolve("certificate.der"));
        TestCertificate.Issued ec =
                TestCertificate.server().keys(TestCertificate.ec()).issue();
        TestCertificate.Issued nameless =
                TestCertificate.server().applicationUri(null).issue();
        List<Defect> defects = List.of(
                () -> Files.delete(directory.resolve("private-key.pem")),
                () -> Files.delete(directory.resolve("certificate.der")),
                () -> Files.write(directory.resolve("certificate.der"), certificate),
                () -> Files.write(directory.resolve("certificate.der"), new byte[0]),
                () -> Files.writeString(directory.resolve("private-key.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA"),
                () -> {
                    Files.delete(directory.resolve("private-key.pem"));
                    Files.createSymbolicLink(directory.resolve("private-key.pem"), Path.of("/etc/hostname"));
                },
                () -> {
                    Files.write(directory.resolve("certificate.der"), ec.der());
                    Files.write(directory.resolve("private-key.pem"), ec.key().getEncoded());
                },
                () -> {
                    Files.write(directory.resolve("certificate.der"), nameless.der());
                    Files.write(
                            directory.resolve("private-key.pem"), nameless.key().getEncoded());
                });
        for (int i = 0; i < defects.size(); i++) {
            X509Certificate before = own(state).current().join().certificate();
            long broken = broken();

            defects.get(i).make();

            X509Certificate after = own(state).current().join().certificate();
            assertThat(after).as("defect %d", i).isNotEqualTo(before);
            assertThat(broken()).as("defect %d", i).isGreaterThan(broken);
            assertThat(own(state).current().join().certificate()).isEqualTo(after);
        }
    }

    @Test
    void aKeyThatOthersCouldReadIsShutAgain() throws Exception {
        X509Certificate first = own(state).current().join().certificate();
        Files.setPosixFilePermissions(
                state.resolve("own/private-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(own(state).current().join().certificate()).isEqualTo(first);
        assertThat(mode(state.resolve("own/private-key.pem"))).isEqualTo("rw-------");
    }

    /** It is what servers trust: no disk that is away for a moment may cost it. */
    @Test
    void whatCannotBeReadNowIsKeptAndReadLater() throws Exception {
        Path there = Files.createDirectory(state.resolve("there"));
        Path moved = state.resolve("moved");
        X509Certificate first = own(there).current().join().certificate();
        Files.move(there, moved);
        // A link to itself: nothing tells what lies behind it.
        Files.createSymbolicLink(there, there);
        OwnCertificate own = own(there);

        Throwable refused = own.current().handle((material, failure) -> failure).join();

        assertThat(refused).hasMessageContaining("cannot be read now");
        Files.delete(there);
        Files.move(moved, there);
        assertThat(own.current().join().certificate()).isEqualTo(first);
    }

    @Test
    void aPairThatWasNotReadIsNotReplaced() throws Exception {
        X509Certificate first = own(state).current().join().certificate();
        OwnCertificateFiles files = new OwnCertificateFiles(state.resolve("own"), clock);

        assertThatThrownBy(() -> files.writeNext(SelfSignedCertificate.generate(host(), START)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(files::promote).isInstanceOf(IOException.class);

        assertThat(own(state).current().join().certificate()).isEqualTo(first);
    }

    @Test
    void aDirectoryThatCannotBeUsedMeansMemory() throws Exception {
        Files.writeString(state.resolve("own"), "in the way");
        OwnCertificate own = own(state);

        CertificateDescription description = own.describe().join();

        assertThat(description.path()).isNull();
        assertThat(own.current().join().certificate())
                .isEqualTo(own.current().join().certificate());
    }

    @Test
    void hostNamesBecomeFitForUrisAndDns() {
        assertThat(HostNames.fit("Edge_7 (old)")).isEqualTo("edge-7-old-");
        assertThat(HostNames.fit("")).isEqualTo("localhost");
        assertThat(HostNames.fit("x".repeat(300))).hasSize(63);
        assertThat(HostNames.ofThisMachine().name()).isNotEmpty();
    }

    @FunctionalInterface
    private interface Defect {
        void make() throws IOException;
    }

    private OwnCertificate own(@Nullable Path directory) {
        return new OwnCertificate(directory, pool, clock, OwnCertificateTest::host);
    }

    private static HostNames host() {
        return new HostNames("edge-7", List.of("192.0.2.7", "2001:db8::7"));
    }

    private List<String> files() throws IOException {
        if (!Files.isDirectory(state.resolve("own"))) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(state.resolve("own"))) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private long broken() throws IOException {
        return files().stream().filter(name -> name.contains(".broken-")).count();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
