package io.github.opcuasm.daemon.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ServerTrustTest {
    private static final String SERVER = "plc1.example:4840";
    private static final Instant NOW = TestCertificate.NOW;

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock(NOW);

    @Test
    void theFirstCertificateIsPinnedAndAnotherOneRefusedWithBothFingerprints() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            ServerTrust trust = trust(state);
            X509Certificate first = TestCertificate.server().issue().certificate();
            X509Certificate second = TestCertificate.server().issue().certificate();

            assertAccepted(trust, firstUse(), first);
            assertAccepted(trust, firstUse(), first);
            CommandException refused = refusal(trust, firstUse(), second);

            assertThat(refused.type()).isEqualTo(ErrorType.UNTRUSTED_CERTIFICATE);
            assertThat(refused.messageText())
                    .contains(Fingerprints.sha256(first), Fingerprints.sha256(second), SERVER, "remove the pin")
                    .doesNotContain(directory.toString());
            assertAccepted(trust, firstUse(), first);
        }
    }

    @Test
    void aPinOutlastsTheDaemonAndMovesWhenTheOperatorApproves() throws Exception {
        X509Certificate first = TestCertificate.server().issue().certificate();
        X509Certificate second = TestCertificate.server().issue().certificate();
        assertAccepted(trust(directory), firstUse(), first);
        ServerTrust trust = trust(directory);
        assertThat(refusal(trust, firstUse(), second).messageText()).contains("trust approve");

        trust.approve(null, Fingerprints.sha256(second).substring(0, 12)).join();

        assertAccepted(trust, firstUse(), second);
        refusal(trust, firstUse(), first);
        assertThat(files("trust/pins")).containsExactly("plc1.example_4840.der");
        assertThat(mode("trust")).isEqualTo("rwx------");
        assertThat(mode("trust/pins/plc1.example_4840.der")).isEqualTo("rw-------");
    }

    @Test
    void aPinThatWasRemovedMakesTheNextCertificateTheFirst() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            ServerTrust trust = trust(state);
            assertAccepted(trust, firstUse(), TestCertificate.server().issue().certificate());

            assertThat(trust.removePin(null, SERVER).join()).isTrue();
            assertThat(trust.removePin(null, SERVER).join()).isFalse();

            assertAccepted(trust, firstUse(), TestCertificate.server().issue().certificate());
        }
    }

    /** Who can damage the file must not make the daemon take whatever comes next. */
    @Test
    void aDamagedPinIsNotNoPin() throws Exception {
        X509Certificate first = TestCertificate.server().issue().certificate();
        assertAccepted(trust(directory), firstUse(), first);
        Path pin = directory.resolve("trust/pins/plc1.example_4840.der");

        Files.write(pin, new byte[] {1});
        assertThat(refusal(trust(directory), firstUse(), first)).hasMessageContaining("cannot be read");
        Files.delete(pin);
        Files.createSymbolicLink(pin, directory.resolve("none"));
        assertThat(refusal(trust(directory), firstUse(), first)).hasMessageContaining("cannot be read");
    }

    @Test
    void whatOperatorsPutIntoTheStoreOrTakeOutCountsAtOnce() throws Exception {
        TestCertificate.Issued server = TestCertificate.server().issue();
        ServerTrust trust = trust(null);
        Path store = directory.resolve("store");
        TrustSettings settings = stored(TrustPolicy.FINGERPRINT, store);
        assertThat(refusal(trust, settings, server.certificate()).messageText())
                .contains("is not trusted", Fingerprints.sha256(server.certificate()), "trust approve");

        Path byHand = Files.createDirectories(store.resolve("trusted")).resolve("by-hand.pem");
        Files.writeString(byHand, EncodedCertificates.toPem(server.certificate()));
        assertAccepted(trust, settings, server.certificate());

        // Another certificate under the name of the one that is trusted.
        Files.write(byHand, TestCertificate.server().issue().der());
        refusal(trust, settings, server.certificate());
    }

    @Test
    void refusedCertificatesWaitForApprovalAndAreBounded() throws Exception {
        ServerTrust trust = trust(directory);
        TrustSettings settings = stored(TrustPolicy.FINGERPRINT, null);
        TestCertificate.Issued server = TestCertificate.server().issue();
        refusal(trust, settings, server.certificate());
        String sha1 = Fingerprints.sha1(server.certificate());
        assertThat(directory.resolve("trust/rejected/" + sha1 + ".der")).hasBinaryContent(server.der());

        assertThat(trust.approve(null, sha1.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?!$)", "$1:"))
                        .join()
                        .state())
                .isEqualTo(CertificateSummary.State.TRUSTED);
        assertAccepted(trust, settings, server.certificate());
        assertThat(files("trust/rejected")).isEmpty();

        for (int i = 0; i < 105; i++) {
            refusal(
                    trust,
                    settings,
                    "plc" + i + ":4840",
                    TestCertificate.server().issue().certificate());
        }
        assertThat(files("trust/rejected")).hasSize(100);
    }

    @Test
    void expiryCountsOnlyWhereThePolicySaysSo() throws Exception {
        X509Certificate expired = TestCertificate.server()
                .valid(NOW.minusSeconds(100), NOW.minusSeconds(10))
                .issue()
                .certificate();
        ServerTrust trust = trust(directory);
        trust.add(null, expired.getEncoded()).join();

        assertAccepted(trust, stored(TrustPolicy.FINGERPRINT, null), expired);
        assertThat(refusal(trust, stored(TrustPolicy.FINGERPRINT_AND_EXPIRY, null), expired))
                .hasMessageContaining("expired on " + NOW.minusSeconds(10));
    }

    @Test
    void autoAcceptTakesTheFirstOfEachServerAndNoOther() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            ServerTrust trust = trust(state);
            TrustSettings settings = accepting(false);
            X509Certificate first = TestCertificate.server().issue().certificate();
            X509Certificate second = TestCertificate.server().issue().certificate();

            assertAccepted(trust, settings, first);
            assertThat(refusal(trust, settings, second).messageText())
                    .contains(Fingerprints.sha256(first), Fingerprints.sha256(second));
            // Another server's first one, though the store is not empty any more.
            checkAndKeep(trust, settings, shown("plc2.example:4840", second)).join();
            assertAccepted(trust, settings, first);

            X509Certificate third = TestCertificate.server().issue().certificate();
            assertAccepted(trust, accepting(true), third);
            assertAccepted(trust, settings, third);
            refusal(trust, settings, first);
        }
    }

    /** Whoever may open sessions must not decide whom everybody else trusts. */
    @Test
    void whatAutoAcceptTookCountsForItsServerAndForSessionsThatAskForItAlone() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            ServerTrust trust = trust(state);
            X509Certificate plc = TestCertificate.server().issue().certificate();
            X509Certificate other = TestCertificate.server().issue().certificate();
            assertAccepted(trust, firstUse(), plc);

            checkAndKeep(trust, accepting(true), shown("evil.example:4840", other))
                    .join();
            assertAccepted(trust, new TrustSettings(TrustPolicy.FIRST_USE, null, true, true, List.of()), other);
            assertAccepted(trust, accepting(false), other);

            refusal(trust, firstUse(), other);
            refusal(trust, stored(TrustPolicy.FINGERPRINT, null), other);
            assertAccepted(trust, firstUse(), plc);
            assertThat(trust.list(null).join())
                    .extracting(CertificateSummary::state)
                    .doesNotContain(CertificateSummary.State.TRUSTED);
        }
    }

    @Test
    void anAuthorityThatWasAutoAcceptedVouchesForNobody() throws Exception {
        TestCertificate.Issued authority = TestCertificate.authority("evil").issue();
        X509Certificate server =
                TestCertificate.server().issuedBy(authority).issue().certificate();
        ServerTrust trust = trust(directory);
        checkAndKeep(trust, accepting(true), shown("evil.example:4840", authority.certificate()))
                .join();

        refusal(trust, stored(TrustPolicy.FULL, null), server);
    }

    @Test
    void onlyWhatMaySignCertificatesIsTrustedAsAnIssuer() throws Exception {
        TestCertificate.Issued signsLists =
                TestCertificate.authority("lists").usage(KeyUsage.cRLSign).issue();
        X509Certificate server =
                TestCertificate.server().issuedBy(signsLists).issue().certificate();
        ServerTrust trust = trust(directory);
        trust.add(null, signsLists.der()).join();

        assertThat(refusal(trust, stored(TrustPolicy.FULL, null), server)).hasMessageContaining("keyCertSign");
    }

    @Test
    void nothingIsRememberedUntilItIsKept() throws Exception {
        for (TrustSettings settings : List.of(firstUse(), accepting(false))) {
            ServerTrust trust = trust(null);
            X509Certificate made = TestCertificate.server().issue().certificate();
            X509Certificate real = TestCertificate.server().issue().certificate();
            assertThat(trust.check(settings, shown(SERVER, made)).join().hasNews())
                    .isTrue();

            assertAccepted(trust, settings, real);

            assertThat(trust.check(settings, shown(SERVER, real)).join().hasNews())
                    .isFalse();
            refusal(trust, settings, made);
        }
    }

    @Test
    void ofTwoFirstContactsTheOneThatKeepsFirstIsRight() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            for (TrustSettings settings : List.of(firstUse(), accepting(false))) {
                ServerTrust trust = trust(state);
                X509Certificate one = TestCertificate.server().issue().certificate();
                X509Certificate two = TestCertificate.server().issue().certificate();
                String server = "plc" + settings.policy().wireName().length() + ".example:4840";
                TrustDecision first = trust.check(settings, shown(server, one)).join();
                TrustDecision second = trust.check(settings, shown(server, two)).join();

                second.keep().join();

                assertThat(failure(first.keep()).messageText())
                        .contains(Fingerprints.sha256(one), Fingerprints.sha256(two));
                second.keep().join();
                refusal(trust, settings, server, one);
            }
        }
    }

    @Test
    void whatIsKnownAlreadyIsNotWrittenAgain() throws Exception {
        ServerTrust trust = trust(directory);
        X509Certificate server = TestCertificate.server().issue().certificate();
        assertAccepted(trust, accepting(true), server);
        Path mark = directory.resolve("trust/accepted/plc1.example_4840.der");
        Object before = Files.readAttributes(mark, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
        // Keeps the number of the file from being given to another one.
        Files.createLink(directory.resolve("held"), mark);

        assertAccepted(trust, accepting(true), server);

        assertThat(Files.readAttributes(mark, java.nio.file.attribute.BasicFileAttributes.class)
                        .fileKey())
                .isEqualTo(before);
    }

    @Test
    void chainsThatAreTooLongAreRefusedUnread() throws Exception {
        X509Certificate server = TestCertificate.server().issue().certificate();
        GeneralName[] names = java.util.stream.IntStream.range(0, 500)
                .mapToObj(i -> new GeneralName(GeneralName.dNSName, "a".repeat(60) + i + ".example"))
                .toArray(GeneralName[]::new);
        X509Certificate large = TestCertificate.server().hosts(names).issue().certificate();
        ServerTrust trust = trust(null);

        for (X509Certificate[] chain : List.of(
                java.util.Collections.nCopies(11, server).toArray(X509Certificate[]::new),
                new X509Certificate[] {server, large, large})) {
            assertThat(failure(trust.check(firstUse(), shown(SERVER, chain))).messageText())
                    .contains("at most 10 and 65536");
        }
        checkAndKeep(
                        trust,
                        firstUse(),
                        shown(SERVER, java.util.Collections.nCopies(10, server).toArray(X509Certificate[]::new)))
                .join();
    }

    @Test
    void aChainHasAtMostTenLinks() throws Exception {
        List<X509Certificate> known = new java.util.ArrayList<>();
        TestCertificate.Issued issuer = TestCertificate.authority("link0").issue();
        for (int i = 1; i <= 12; i++) {
            known.add(issuer.certificate());
            issuer = TestCertificate.authority("link" + i % 2)
                    .named("CN=link" + i)
                    .issuedBy(issuer)
                    .issue();
        }

        assertThat(CertificateChain.of(issuer.certificate(), known)).hasSize(10);
    }

    /** A CA that was renewed with the same key: one of its certificates has ended, in whatever order they come. */
    @Test
    void thePathThatHoldsIsFoundAmongOthers() throws Exception {
        TestCertificate.Issued root = TestCertificate.authority("root").issue();
        TestCertificate.Issued ended = TestCertificate.authority("middle")
                .valid(NOW.minusSeconds(100), NOW.minusSeconds(10))
                .issuedBy(root)
                .issue();
        TestCertificate.Issued middle =
                TestCertificate.authority("middle").issuedBy(root).issue();
        X509Certificate server =
                TestCertificate.server().issuedBy(middle).issue().certificate();
        ServerTrust trust = trust(directory);
        trust.add(null, root.der()).join();

        for (List<TestCertificate.Issued> order : List.of(List.of(ended, middle), List.of(middle, ended))) {
            PresentedCertificate presented = shown(
                    SERVER, server, order.get(0).certificate(), order.get(1).certificate());
            checkAndKeep(trust, stored(TrustPolicy.FULL, null), presented).join();
        }
    }

    @Test
    void aPinThatCouldNotBeWrittenIsWrittenLaterUnlessSomebodyChangedTheFile() throws Exception {
        Path store = directory.resolve("trust");
        Files.writeString(store, "in the way");
        ServerTrust trust = trust(directory);
        X509Certificate one = TestCertificate.server().issue().certificate();
        X509Certificate two = TestCertificate.server().issue().certificate();
        assertAccepted(trust, firstUse(), one);
        checkAndKeep(trust, firstUse(), shown("plc2.example:4840", one)).join();

        Files.delete(store);
        assertAccepted(trust, firstUse(), one);
        Files.write(store.resolve("pins/plc2.example_4840.der"), two.getEncoded());

        assertThat(store.resolve("pins/plc1.example_4840.der")).hasBinaryContent(one.getEncoded());
        checkAndKeep(trust, firstUse(), shown("plc2.example:4840", two)).join();
        refusal(trust, firstUse(), "plc2.example:4840", one);
    }

    @Test
    void oneServerDoesNotDriveOutWhatOthersShowed() throws Exception {
        ServerTrust trust = trust(directory);
        TrustSettings settings = stored(TrustPolicy.FINGERPRINT, null);
        X509Certificate waiting = TestCertificate.server().issue().certificate();
        refusal(trust, settings, "plc2.example:4840", waiting);

        for (int i = 0; i < 20; i++) {
            refusal(trust, settings, TestCertificate.server().issue().certificate());
        }

        assertThat(files("trust/rejected")).hasSize(6).contains(Fingerprints.sha1(waiting) + ".der");
    }

    @Test
    void whatTheOperatorRemovedIsNotAcceptedAgain() throws Exception {
        for (@Nullable Path state : java.util.Arrays.asList(null, directory)) {
            whatTheOperatorRemovedIsNotAcceptedAgain(trust(state));
        }
    }

    private static void whatTheOperatorRemovedIsNotAcceptedAgain(ServerTrust trust) throws Exception {
        X509Certificate first = TestCertificate.server().issue().certificate();
        assertAccepted(trust, accepting(false), first);

        trust.remove(null, Fingerprints.sha1(first)).join();

        refusal(trust, accepting(false), first);
        refusal(trust, accepting(false), TestCertificate.server().issue().certificate());
        assertThat(trust.removePin(null, SERVER).join()).isTrue();
        assertAccepted(trust, accepting(false), first);
    }

    @Test
    void theCheckOfNothingDoesNotWaitForThePool() throws Exception {
        ServerTrust trust = new ServerTrust(
                null,
                AllowedDirectories.anywhere(),
                task -> {
                    throw new java.util.concurrent.RejectedExecutionException("full");
                },
                clock);
        TrustSettings none = new TrustSettings(TrustPolicy.NONE, null, false, false, List.of());

        assertAccepted(trust, none, TestCertificate.server().issue().certificate());
        assertThat(failure(trust.check(none, shown(SERVER)))).hasMessageContaining("shows no certificate");
    }

    @Test
    void withoutAnyPolicyEverythingPasses() throws Exception {
        ServerTrust trust = trust(null);
        TrustSettings none = new TrustSettings(TrustPolicy.NONE, null, false, false, List.of());

        assertAccepted(trust, none, TestCertificate.server().issue().certificate());
        assertAccepted(trust, none, TestCertificate.server().issue().certificate());
    }

    @Test
    void theFullPolicyTakesATrustedCertificateThatIsTheServers() throws Exception {
        X509Certificate server = TestCertificate.server().issue().certificate();

        assertThat(full(server)).isEqualTo("ok");
    }

    @Test
    void theFullPolicyNamesWhatDoesNotHold() throws Exception {
        assertThat(full(TestCertificate.server()
                        .valid(NOW.minusSeconds(90), NOW.minusSeconds(60))
                        .issue()
                        .certificate()))
                .contains("expired on");
        assertThat(full(TestCertificate.server()
                        .hosts(new GeneralName(GeneralName.dNSName, "plc2.example"))
                        .issue()
                        .certificate()))
                .contains("is not for the host plc1.example");
        assertThat(full(TestCertificate.server()
                        .applicationUri("urn:other")
                        .issue()
                        .certificate()))
                .contains("application URI");
        assertThat(full(TestCertificate.server()
                        .usage(KeyUsage.digitalSignature)
                        .issue()
                        .certificate()))
                .contains("keyUsage");
        assertThat(full(TestCertificate.server().usage(null).issue().certificate()))
                .contains("keyUsage");
        assertThat(full(TestCertificate.server()
                        .purpose(KeyPurposeId.id_kp_clientAuth)
                        .issue()
                        .certificate()))
                .contains("extendedKeyUsage");
        assertThat(full(TestCertificate.server()
                        .keys(TestCertificate.rsa("weak", 1024))
                        .issue()
                        .certificate()))
                .contains("1024 bits");
        assertThat(full(TestCertificate.server()
                        .signedWith("SHA1withRSA")
                        .issue()
                        .certificate()))
                .contains("SHA1withRSA");
        assertThat(full(TestCertificate.server()
                        .keys(TestCertificate.ec())
                        .issue()
                        .certificate()))
                .contains("not RSA");
    }

    @Test
    void theFullPolicyFollowsTheChainToATrustedIssuer() throws Exception {
        TestCertificate.Issued root = TestCertificate.authority("root").issue();
        TestCertificate.Issued middle =
                TestCertificate.authority("middle").issuedBy(root).issue();
        X509Certificate server = TestCertificate.server()
                .issuedBy(middle)
                .criticalPurpose()
                .issue()
                .certificate();
        TrustSettings settings = stored(TrustPolicy.FULL, null);
        ServerTrust trust = trust(directory);
        assertThat(refusal(trust, settings, server)).hasMessageContaining("is not trusted");
        TrustSettings withIssuers =
                new TrustSettings(TrustPolicy.FULL, null, false, false, List.of(root.certificate()));
        trust.check(withIssuers, shown(SERVER, server, middle.certificate())).join();

        trust.add(null, root.der()).join();
        trust.check(settings, shown(SERVER, server, middle.certificate())).join();
        assertThat(refusal(trust, settings, server)).hasMessageContaining("is not trusted");

        Path issuers = Files.createDirectories(directory.resolve("trust/issuers"));
        Files.write(issuers.resolve("middle.der"), middle.der());
        assertAccepted(trust, settings, server);

        // A stranger of the same name has another key.
        TestCertificate.Issued impostor =
                TestCertificate.authority("impostor").named("CN=root").issue();
        X509Certificate forged =
                TestCertificate.server().issuedBy(impostor).issue().certificate();
        refusal(trust, settings, forged);
        // The trusted server's certificate is no authority.
        TestCertificate.Issued plain = TestCertificate.server().issue();
        trust.add(null, plain.der()).join();
        refusal(
                trust,
                settings,
                TestCertificate.server()
                        .named("CN=below")
                        .keys(TestCertificate.rsa("below", 2048))
                        .issuedBy(plain)
                        .issue()
                        .certificate());
    }

    @Test
    void revocationListsCountAndOnesThatEndedAreSaid() throws Exception {
        TestCertificate.Issued root = TestCertificate.authority("root").issue();
        X509Certificate server = TestCertificate.server().issuedBy(root).issue().certificate();
        TrustSettings settings = stored(TrustPolicy.FULL, null);
        ServerTrust trust = trust(directory);
        trust.add(null, root.der()).join();
        Path list = Files.createDirectories(directory.resolve("trust/crl")).resolve("root.crl");

        Files.write(list, TestCertificate.revocations(root, NOW.plusSeconds(60)).getEncoded());
        assertAccepted(trust, settings, server);
        Files.write(
                list,
                TestCertificate.revocations(root, NOW.plusSeconds(60), server).getEncoded());
        assertThat(refusal(trust, settings, server)).hasMessageContaining("was revoked by its issuer");
        Files.write(
                list, TestCertificate.revocations(root, NOW.minusSeconds(60)).getEncoded());
        assertThat(refusal(trust, settings, server))
                .hasMessageContaining("revocation list ended on " + NOW.minusSeconds(60));
        Files.write(list, new byte[] {0x30, 1, 2});
        assertThat(refusal(trust, settings, server)).hasMessageContaining("damaged");
        // Somebody else's list under the issuer's name.
        TestCertificate.Issued impostor =
                TestCertificate.authority("impostor").named("CN=root").issue();
        Files.write(
                list,
                TestCertificate.revocations(impostor, NOW.plusSeconds(60), server)
                        .getEncoded());
        assertAccepted(trust, settings, server);
    }

    /** Part 6, 6.2.2: names are compared without case, addresses as addresses. */
    @Test
    void hostsAreComparedAsWhatTheyAre() {
        assertThat(FullValidation.isSameHost("PLC1.Example", "plc1.example.")).isTrue();
        assertThat(FullValidation.isSameHost("2001:db8:0:0:0:0:0:7", "[2001:DB8::7]"))
                .isTrue();
        assertThat(FullValidation.isSameHost("192.0.2.7", "192.0.2.7")).isTrue();
        assertThat(FullValidation.isSameHost("192.0.2.7", "192.0.2.70")).isFalse();
        assertThat(FullValidation.isSameHost("*.example", "plc1.example")).isFalse();
        assertThat(FullValidation.isSameHost("plc1", "plc1.example")).isFalse();
    }

    @Test
    void theStoreIsListedAndChangedByFingerprint() throws Exception {
        ServerTrust trust = trust(directory);
        X509Certificate kept = TestCertificate.server().named("CN=a\nb").issue().certificate();
        assertAccepted(trust, firstUse(), kept);
        trust.add(null, EncodedCertificates.toPem(kept).getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .join();

        List<CertificateSummary> all = trust.list(null).join();
        assertThat(all)
                .extracting(CertificateSummary::state, CertificateSummary::server)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(CertificateSummary.State.TRUSTED, ""),
                        org.assertj.core.groups.Tuple.tuple(CertificateSummary.State.PINNED, SERVER));
        assertThat(all).allSatisfy(entry -> assertThat(entry.subject()).doesNotContain("\n"));

        assertThat(failure(trust.remove(null, "00000000"))).hasMessageContaining("no certificate here has");
        assertThat(failure(trust.remove(null, "abc"))).hasMessageContaining("8 or more digits");
        assertThat(failure(trust.add(null, new byte[] {1, 2}))).hasMessageContaining("one certificate, PEM or DER");
        trust.remove(null, Fingerprints.sha256(kept)).join();
        assertThat(failure(trust.remove(null, Fingerprints.sha256(kept)))).hasMessageContaining(SERVER);
        assertThat(trust.list(null).join()).hasSize(1);
    }

    @Test
    void aStoreOutsideTheAllowedDirectoriesIsRefused() throws Exception {
        Path inside = Files.createDirectory(directory.resolve("inside"));
        ServerTrust trust = new ServerTrust(null, AllowedDirectories.of(List.of(inside)), Runnable::run, clock);
        X509Certificate server = TestCertificate.server().issue().certificate();

        CommandException refused = failure(
                trust.check(stored(TrustPolicy.FINGERPRINT, directory.resolve("outside")), shown(SERVER, server)));

        assertThat(refused.type()).isEqualTo(ErrorType.INVALID_PATH);
        assertThat(refused).hasMessage("Trust store is not in an allowed directory: [path]");
        assertThat(refusal(trust, stored(TrustPolicy.FINGERPRINT, inside.resolve("store")), server)
                        .type())
                .isEqualTo(ErrorType.UNTRUSTED_CERTIFICATE);
    }

    @Test
    void refusingWorksWithAStoreThatCannotBeWritten() throws Exception {
        Files.writeString(directory.resolve("trust"), "in the way");
        ServerTrust trust = trust(directory);
        X509Certificate first = TestCertificate.server().issue().certificate();

        assertThat(refusal(trust, stored(TrustPolicy.FINGERPRINT, null), first).type())
                .isEqualTo(ErrorType.UNTRUSTED_CERTIFICATE);
        assertAccepted(trust, firstUse(), first);
        refusal(trust, firstUse(), TestCertificate.server().issue().certificate());
    }

    @Test
    void noTwoServersShareAPin() {
        assertThat(PinFiles.nameOf("plc1:4840")).isEqualTo("plc1_4840.der");
        assertThat(PinFiles.nameOf("PLC1:4840")).isEqualTo("plc1_4840.der");
        assertThat(List.of("a_1:2", "a:1_2", "a%5f1:2", "a/1:2", "../a:1", "[fe80::1]:4840", "a:12"))
                .extracting(PinFiles::nameOf)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z0-9%_.-]+") && !name.startsWith("."));
        assertThat(PinFiles.serverOf(PinFiles.nameOf("[fe80::1]:4840"))).isEqualTo("[fe80:0:0:0:0:0:0:1]:4840");
    }

    @Test
    void aServerHasOnePinHoweverItsHostIsWritten() {
        assertThat(PinFiles.nameOf("plc1.example.:4840")).isEqualTo(PinFiles.nameOf("PLC1.example:4840"));
        assertThat(PinFiles.nameOf("[::1]:4840")).isEqualTo(PinFiles.nameOf("[0:0:0:0:0:0:0:1]:4840"));
        assertThat(PinFiles.nameOf("[FE80::A%eth0]:4840"))
                .isEqualTo(PinFiles.nameOf("[fe80:0::a%eth0]:4840"))
                .isNotEqualTo(PinFiles.nameOf("[fe80::a%eth1]:4840"));
    }

    /** What the full policy says of a certificate that is in the store: ok, or its message. */
    private String full(X509Certificate server) throws Exception {
        ServerTrust trust = trust(directory);
        trust.add(null, server.getEncoded()).join();
        Throwable failure = checkAndKeep(trust, stored(TrustPolicy.FULL, null), shown(SERVER, server))
                .handle((value, thrown) -> thrown)
                .join();
        return failure == null ? "ok" : String.valueOf(failure.getMessage());
    }

    private ServerTrust trust(@Nullable Path state) {
        return new ServerTrust(state, AllowedDirectories.anywhere(), Runnable::run, clock);
    }

    private static TrustSettings firstUse() {
        return new TrustSettings(TrustPolicy.FIRST_USE, null, false, false, List.of());
    }

    private static TrustSettings stored(TrustPolicy policy, @Nullable Path store) {
        return new TrustSettings(policy, store, false, false, List.of());
    }

    private static TrustSettings accepting(boolean force) {
        return new TrustSettings(TrustPolicy.FINGERPRINT, null, true, force, List.of());
    }

    private static PresentedCertificate shown(String server, X509Certificate... chain) {
        return new PresentedCertificate(server, "plc1.example", TestCertificate.APPLICATION_URI, List.of(chain));
    }

    private static void assertAccepted(ServerTrust trust, TrustSettings settings, X509Certificate certificate) {
        assertThat(checkAndKeep(trust, settings, shown(SERVER, certificate))).succeedsWithin(Duration.ofSeconds(20));
    }

    private static CompletableFuture<@Nullable Void> checkAndKeep(
            ServerTrust trust, TrustSettings settings, PresentedCertificate presented) {
        return trust.check(settings, presented).thenCompose(TrustDecision::keep);
    }

    private static CommandException refusal(ServerTrust trust, TrustSettings settings, X509Certificate certificate) {
        return refusal(trust, settings, SERVER, certificate);
    }

    private static CommandException refusal(
            ServerTrust trust, TrustSettings settings, String server, X509Certificate certificate) {
        CommandException refused = failure(trust.check(settings, shown(server, certificate)));
        assertThat(refused.type()).isEqualTo(ErrorType.UNTRUSTED_CERTIFICATE);
        return refused;
    }

    private static CommandException failure(CompletableFuture<?> future) {
        Throwable failure = future.handle((value, thrown) -> thrown).join();
        assertThat(failure).isInstanceOf(CommandException.class);
        return (CommandException) failure;
    }

    private List<String> files(String name) throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve(name))) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
    }
}
