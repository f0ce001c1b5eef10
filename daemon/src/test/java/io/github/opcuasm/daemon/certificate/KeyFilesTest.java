package io.github.opcuasm.daemon.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class KeyFilesTest {
    private static final String PASSPHRASE = "planted-Passphrase-7";

    @TempDir
    private Path directory;

    private final KeyFiles files =
            new KeyFiles(AllowedDirectories.anywhere(), Runnable::run, InstantSource.fixed(TestCertificate.NOW));
    private TestCertificate.Issued root = anyone();
    private TestCertificate.Issued intermediate = anyone();
    private TestCertificate.Issued leaf = anyone();

    private static TestCertificate.Issued anyone() {
        try {
            return TestCertificate.server().issue();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void aChain() throws Exception {
        root = TestCertificate.authority("root").issue();
        intermediate = TestCertificate.authority("intermediate").issuedBy(root).issue();
        leaf = TestCertificate.server().issuedBy(intermediate).issue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pkcs8 -topk8 -nocrypt -in key.pem -out out",
                "pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out out",
                "rsa -traditional -in key.pem -out out",
                "rsa -traditional -in key.pem -outform DER -out out",
            })
    void aPlainKeyIsReadInEachForm(String command) throws Exception {
        openssl(command);

        KeyMaterial material = load("leaf.der", "out", null, null);

        assertThat(material.certificate()).isEqualTo(leaf.certificate());
        assertThat(material.privateKey()).isEqualTo(leaf.key());
        assertThat(material.applicationUri()).isEqualTo(TestCertificate.APPLICATION_URI);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out out",
                "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -in key.pem -out out",
                "pkcs8 -topk8 -v2 aes-128-cbc -in key.pem -outform DER -out out",
                "pkcs8 -topk8 -v2 des3 -in key.pem -out out",
                "pkcs8 -topk8 -scrypt -in key.pem -out out",
                "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in key.pem -out out",
                "rsa -traditional -aes256 -in key.pem -out out",
                "rsa -traditional -des3 -in key.pem -out out",
            })
    void anEncryptedKeyIsReadWithItsPassphraseAndNoOther(String command) throws Exception {
        openssl(command + " -passout pass:" + PASSPHRASE);

        assertThat(load("leaf.der", "out", PASSPHRASE, null).privateKey()).isEqualTo(leaf.key());
        assertThat(refusal("leaf.der", "out", "another"))
                .hasMessage("Client private key cannot be decrypted: the passphrase is wrong, or the file is damaged");
        assertThat(refusal("leaf.der", "out", null))
                .hasMessage("Client private key is encrypted and needs its passphrase");
    }

    @Test
    void certificateAndKeyMayShareAFile() throws Exception {
        write("leaf.der", leaf.der());
        Files.writeString(
                directory.resolve("both.pem"), pem("PRIVATE KEY", leaf.key().getEncoded()) + pem(leaf));

        assertThat(load("both.pem", "both.pem", null, null).certificate()).isEqualTo(leaf.certificate());
    }

    @Test
    void theChainBeginsWithTheLeafWhateverTheOrderOfTheFile() throws Exception {
        write("key.der", leaf.key().getEncoded());
        Files.writeString(directory.resolve("chain.pem"), "Notes\n" + pem(root) + pem(intermediate) + pem(leaf));
        write("chain.der", concat(intermediate.der(), leaf.der(), root.der()));

        for (String file : List.of("chain.pem", "chain.der")) {
            assertThat(load(file, "key.der", null, null).chain())
                    .containsExactly(leaf.certificate(), intermediate.certificate(), root.certificate());
        }
    }

    @Test
    void issuersFromTheirOwnFileFollowAndStrangersAreLeftOut() throws Exception {
        write("leaf.der", leaf.der());
        write("key.der", leaf.key().getEncoded());
        TestCertificate.Issued stranger = TestCertificate.authority("stranger").issue();
        Files.writeString(directory.resolve("ca.pem"), pem(stranger) + pem(root) + pem(intermediate));

        assertThat(load("leaf.der", "key.der", null, "ca.pem").chain())
                .containsExactly(leaf.certificate(), intermediate.certificate(), root.certificate());
        assertThat(files.certificates(
                                "CA certificate", directory.resolve("ca.pem").toString())
                        .join())
                .containsExactly(stranger.certificate(), root.certificate(), intermediate.certificate());
    }

    @Test
    void eachDefectHasItsMessage() throws Exception {
        write("leaf.der", leaf.der());
        write("key.der", leaf.key().getEncoded());
        write("other.der", TestCertificate.rsa("other", 2048).getPrivate().getEncoded());
        Files.writeString(
                directory.resolve("key.pem"), pem("PRIVATE KEY", leaf.key().getEncoded()));
        Files.writeString(directory.resolve("text"), "no certificate");
        TestCertificate.Issued ec =
                TestCertificate.server().keys(TestCertificate.ec()).issue();
        write("ec.der", ec.der());
        write("ec-key.der", ec.key().getEncoded());
        TestCertificate.Issued small =
                TestCertificate.server().keys(TestCertificate.rsa("small", 768)).issue();
        write("small.der", small.der());
        write("small-key.der", small.key().getEncoded());
        write(
                "expired.der",
                TestCertificate.server()
                        .valid(TestCertificate.NOW.minusSeconds(90), TestCertificate.NOW.minusSeconds(60))
                        .issue()
                        .der());
        write(
                "early.der",
                TestCertificate.server()
                        .valid(TestCertificate.NOW.plusSeconds(60), TestCertificate.NOW.plusSeconds(90))
                        .issue()
                        .der());
        write("large.der", new byte[BoundedFile.MAX_BYTES + 1]);

        assertThat(refusal("leaf.der", "other.der", null))
                .hasMessage("Client private key does not fit the certificate: they are not of one pair");
        assertThat(refusal("leaf.der", "leaf.der", null)).hasMessage("Client private key holds no private key");
        assertThat(refusal("key.pem", "key.pem", null)).hasMessage("Client certificate: the file holds no certificate");
        assertThat(refusal("text", "key.der", null))
                .hasMessage("Client certificate: the file is no certificate in PEM or DER, or is damaged");
        assertThat(refusal("ec.der", "ec-key.der", null)).hasMessageContaining("is no RSA key");
        assertThat(refusal("ec.der", "key.der", null))
                .hasMessageContaining("kind EC")
                .hasMessageContaining("need RSA");
        assertThat(refusal("small.der", "small-key.der", null))
                .hasMessage("Client certificate has an RSA key of 768 bits; 1024 to 8192 are supported");
        assertThat(refusal("expired.der", "key.der", null))
                .hasMessage("Client certificate expired on " + TestCertificate.NOW.minusSeconds(60));
        assertThat(refusal("early.der", "key.der", null))
                .hasMessage("Client certificate is not valid before " + TestCertificate.NOW.plusSeconds(60));
        assertThat(refusal("large.der", "key.der", null)).hasMessageContaining("larger than 1048576 bytes");
        assertThat(refusal("none.der", "key.der", null))
                .hasMessage("Client certificate does not exist or cannot be read: [path]");
        assertThat(refusal("leaf.der", "none.der", null))
                .hasMessage("Client private key does not exist or cannot be read: [path]");
        assertThat(refusal(".", "key.der", null))
                .hasMessage("Client certificate does not exist or cannot be read: [path]");
    }

    /** A pipe without a writer would hold the thread for ever. */
    @Test
    void aPipeOrADeviceIsNotOpened() throws Exception {
        write("leaf.der", leaf.der());
        run("mkfifo", "pipe");

        assertThat(refusal("leaf.der", "pipe", null)).hasMessageContaining("cannot be read: [path]");
        assertThat(refusal("/dev/zero", "leaf.der", null)).hasMessageContaining("cannot be read: [path]");
    }

    @Test
    void aKeyThatAsksForEndlessWorkIsRefused() throws Exception {
        openssl("pkcs8 -topk8 -v2 aes-256-cbc -iter 77777 -in key.pem -outform DER -out out -passout pass:"
                + PASSPHRASE);
        byte[] der = Files.readAllBytes(directory.resolve("out"));
        // INTEGER 77777 becomes one of the same length that is a thousand times as much work.
        int at = indexOf(der, new byte[] {0x02, 0x03, 0x01, 0x2f, (byte) 0xd1});
        der[at + 2] = 0x7f;
        write("out", der);

        assertThat(refusal("leaf.der", "out", PASSPHRASE)).hasMessageContaining("too much work");
    }

    @Test
    void allKeysOfAFileShareTheWorkThatOneMayAskFor() throws Exception {
        openssl("pkcs8 -topk8 -v2 aes-256-cbc -iter 600000 -in key.pem -out out -passout pass:" + PASSPHRASE);
        String encrypted = Files.readString(directory.resolve("out"));
        Files.writeString(directory.resolve("two"), encrypted + encrypted);

        assertThat(load("leaf.der", "out", PASSPHRASE, null).privateKey()).isEqualTo(leaf.key());
        assertThat(refusal("leaf.der", "two", PASSPHRASE)).hasMessageContaining("too much work");
    }

    @Test
    void whatCouldNotBeUsedIsNotTriedAgainForSomeSeconds() throws Exception {
        TestClock clock = new TestClock(TestCertificate.NOW);
        KeyFiles files = new KeyFiles(AllowedDirectories.anywhere(), Runnable::run, clock);
        openssl("pkcs8 -topk8 -v2 aes-256-cbc -iter 1000 -in key.pem -out out -passout pass:" + PASSPHRASE);
        settle("leaf.der");
        settle("out");
        byte[] good = Files.readAllBytes(directory.resolve("out"));
        byte[] bad = good.clone();
        java.util.Arrays.fill(bad, 40, bad.length - 40, (byte) 'A');
        Files.write(directory.resolve("out"), bad);
        settle("out");
        CommandException refused = failure(files.load(paths("leaf.der", "out", PASSPHRASE, null)));

        // As one cannot do it by accident: same file, size and time.
        Files.write(directory.resolve("out"), good);
        settle("out");

        assertThat(failure(files.load(paths("leaf.der", "out", PASSPHRASE, null))))
                .hasMessage(refused.getMessage());
        clock.advance(Duration.ofSeconds(6));
        assertThat(files.load(paths("leaf.der", "out", PASSPHRASE, null)).join().privateKey())
                .isEqualTo(leaf.key());
    }

    @Test
    void keysThatNobodyUsesAreForgotten() throws Exception {
        TestClock clock = new TestClock(TestCertificate.NOW);
        KeyFiles files = new KeyFiles(AllowedDirectories.anywhere(), Runnable::run, clock);
        openssl("pkcs8 -topk8 -nocrypt -in key.pem -out out");
        settle("leaf.der");
        settle("out");
        KeyMaterial first = files.load(paths("leaf.der", "out", null, null)).join();
        clock.advance(Duration.ofMinutes(9));
        assertThat(files.load(paths("leaf.der", "out", null, null)).join()).isSameAs(first);
        clock.advance(Duration.ofMinutes(9));
        files.forgetUnused();
        assertThat(files.load(paths("leaf.der", "out", null, null)).join()).isSameAs(first);

        clock.advance(Duration.ofMinutes(11));
        files.forgetUnused();

        assertThat(files.load(paths("leaf.der", "out", null, null)).join()).isNotSameAs(first);
    }

    @Test
    void filesAreReadAgainOnlyWhenTheyHaveChanged() throws Exception {
        write("leaf.der", leaf.der());
        write("key.der", leaf.key().getEncoded());
        settle("leaf.der");
        settle("key.der");

        KeyMaterial first = load("leaf.der", "key.der", null, null);
        assertThat(load("leaf.der", "key.der", null, null)).isSameAs(first);

        TestCertificate.Issued renewed =
                TestCertificate.server().named("CN=renewed").issue();
        write("leaf.der", renewed.der());
        KeyMaterial second = load("leaf.der", "key.der", null, null);
        assertThat(second.certificate()).isEqualTo(renewed.certificate());
        assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint()).matches("[0-9a-f]{64}");
    }

    @Test
    void whatWasReadWithAPassphraseIsNotGivenOutWithoutIt() throws Exception {
        openssl("rsa -traditional -aes128 -in key.pem -out out -passout pass:" + PASSPHRASE);
        settle("out");
        settle("leaf.der");

        KeyMaterial first = load("leaf.der", "out", PASSPHRASE, null);

        assertThat(load("leaf.der", "out", PASSPHRASE, null)).isSameAs(first);
        assertThat(refusal("leaf.der", "out", "another")).hasMessageContaining("passphrase is wrong");
        assertThat(refusal("leaf.der", "out", null)).hasMessageContaining("needs its passphrase");
    }

    @Test
    void aCertificateThatWasRememberedStillExpires() throws Exception {
        write("leaf.der", leaf.der());
        write("key.der", leaf.key().getEncoded());
        settle("leaf.der");
        settle("key.der");
        TestClock clock = new TestClock(TestCertificate.NOW);
        KeyFiles early = new KeyFiles(AllowedDirectories.anywhere(), Runnable::run, clock);
        KeyPaths paths = paths("leaf.der", "key.der", null, null);
        assertThatCode(() -> early.load(paths).join()).doesNotThrowAnyException();

        clock.advance(Duration.ofDays(11));

        assertThat(failure(early.load(paths))).hasMessageContaining("expired on");
    }

    @Test
    void anythingDamagedIsAClearRefusalWithoutPathOrPassphrase() throws Exception {
        openssl("pkcs8 -topk8 -v2 aes-256-cbc -iter 1000 -in key.pem -out encrypted.pem -passout pass:" + PASSPHRASE);
        openssl("rsa -traditional -in key.pem -outform DER -out pkcs1.der");
        Files.writeString(
                directory.resolve("both.pem"), pem("PRIVATE KEY", leaf.key().getEncoded()) + pem(leaf));
        Random random = new Random(20_260_601);
        String[][] pairs = {
            {"leaf.der", "encrypted.pem"},
            {"leaf.der", "pkcs1.der"},
            {"both.pem", "both.pem"},
            {"chain.der", "pkcs1.der"}
        };
        write("chain.der", concat(leaf.der(), intermediate.der()));
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            String[] pair = pairs[round % pairs.length];
            boolean inKey = random.nextBoolean();
            byte[] content = Files.readAllBytes(directory.resolve(pair[inKey ? 1 : 0]));
            byte[] damaged = damaged(content, random);
            write("damaged", damaged);
            boolean shared = pair[0].equals(pair[1]);
            KeyPaths paths = paths(
                    shared || !inKey ? "damaged" : pair[0], shared || inKey ? "damaged" : pair[1], PASSPHRASE, null);
            try {
                files.load(paths).join();
            } catch (CompletionException e) {
                refused++;
                assertThat(e.getCause()).isInstanceOf(CommandException.class);
                CommandException error = (CommandException) Objects.requireNonNull(e.getCause());
                assertThat(error.type()).isEqualTo(ErrorType.SECURITY);
                assertThat(error.messageText())
                        .startsWith("Client ")
                        .doesNotContain(directory.toString(), PASSPHRASE, "Exception", "Error", "failed (");
            }
        }
        assertThat(refused).isGreaterThan(200);
    }

    @Test
    void aFullPoolIsSaid() {
        KeyFiles full = new KeyFiles(AllowedDirectories.anywhere(), task -> {
            throw new RejectedExecutionException();
        });

        assertThat(failure(full.load(new KeyPaths("Client", "/a", "/b", null, null)))
                        .type())
                .isEqualTo(ErrorType.OVERLOADED);
    }

    @Test
    void pathsShowNoSecrets() {
        assertThat(new KeyPaths("User", "/a.der", "/b.pem", PASSPHRASE, null))
                .asString()
                .doesNotContain(PASSPHRASE, "/a.der", "/b.pem");
    }

    private static byte[] damaged(byte[] content, Random random) {
        byte[] damaged = content.clone();
        switch (random.nextInt(3)) {
            case 0 -> damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> damaged[random.nextInt(Math.min(64, damaged.length))] = (byte) random.nextInt();
            default -> damaged = java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length));
        }
        return damaged;
    }

    private KeyMaterial load(String certificate, String key, @Nullable String passphrase, @Nullable String issuers) {
        return files.load(paths(certificate, key, passphrase, issuers)).join();
    }

    private CommandException refusal(String certificate, String key, @Nullable String passphrase) {
        CommandException refused = failure(files.load(paths(certificate, key, passphrase, null)));
        assertThat(refused.messageText()).doesNotContain(directory.toString(), PASSPHRASE);
        return refused;
    }

    private static CommandException failure(CompletableFuture<?> future) {
        Throwable failure = future.handle((value, thrown) -> thrown).join();
        assertThat(failure).isInstanceOf(CommandException.class);
        return (CommandException) failure;
    }

    private KeyPaths paths(String certificate, String key, @Nullable String passphrase, @Nullable String issuers) {
        return new KeyPaths(
                "Client",
                directory.resolve(certificate).toString(),
                directory.resolve(key).toString(),
                passphrase,
                issuers == null ? null : directory.resolve(issuers).toString());
    }

    private void write(String name, byte[] content) throws IOException {
        Files.write(directory.resolve(name), content);
    }

    /** Long ago as the tests' clock has it. */
    private void settle(String name) throws IOException {
        Files.setLastModifiedTime(
                directory.resolve(name), FileTime.from(TestCertificate.NOW.minus(Duration.ofDays(1))));
    }

    /** What the openssl command makes of {@code key.pem}, a PKCS#8 key, which fits {@code leaf.der}. */
    private void openssl(String command) throws Exception {
        write("leaf.der", leaf.der());
        Files.writeString(
                directory.resolve("key.pem"), pem("PRIVATE KEY", leaf.key().getEncoded()));
        run(("openssl " + command).split(" "));
    }

    private void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    private static String pem(TestCertificate.Issued issued) {
        return EncodedCertificates.toPem(issued.certificate());
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    private static byte[] concat(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }

    private static int indexOf(byte[] content, byte[] part) {
        for (int at = 0; at + part.length <= content.length; at++) {
            if (java.util.Arrays.equals(content, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not there");
    }
}
