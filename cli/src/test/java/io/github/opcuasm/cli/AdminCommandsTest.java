package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code trust}, {@code certificate} and {@code policy} ask the daemon, and how they show its answers. */
class AdminCommandsTest {
    private static final String SHA = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String ROW = "{\"state\":\"rejected\",\"server\":\"plc-1:4840\",\"subject\":\"CN=PLC 1\","
            + "\"sha256\":\"" + SHA + "\",\"notAfter\":\"2020-01-02T00:00:00Z\"}";

    @TempDir
    private Path directory;

    private final CommandRun run = new CommandRun();

    @Test
    void trustListIsATable() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding("{\"certificates\":[" + ROW + "]}")) {

            int code = run.run("trust", "list", "--socket", daemon.uri());

            assertThat(code).as(run.stderr()).isZero();
            assertThat(run.stdout().lines().toList())
                    .containsExactly(
                            "STATE     SHA-256           VALID UNTIL           SERVER      SUBJECT",
                            "rejected  0123456789abcdef  2020-01-02 (expired)  plc-1:4840  CN=PLC 1");
            assertThat(daemon.requests())
                    .singleElement()
                    .asString()
                    .contains("\"command\":\"trust\"", "\"action\":\"list\"")
                    .doesNotContain("trustStorePath");
        }
    }

    @Test
    void wideAndJsonShowWholeFingerprints() throws Exception {
        try (var daemon = AnsweringDaemon.succeeding("{\"certificates\":[" + ROW + "]}")) {
            var json = new CommandRun();

            int wide = run.run("trust", "list", "--wide", "--socket", daemon.uri());
            int asJson = json.run("trust", "list", "--json", "--trust-store", "/srv/t", "--socket", daemon.uri());

            assertThat(wide + asJson).isZero();
            assertThat(run.stdout()).contains(" " + SHA + " ");
            assertThat(json.stdout()).isEqualTo("{\"certificates\":[" + ROW + "]}\n");
            assertThat(daemon.requests().get(1)).contains("\"trustStorePath\":\"/srv/t\"");
        }
    }

    @Test
    void trustAddSendsTheCertificateOfAPemOrDerFile() throws Exception {
        Certificate certificate = anyCertificate();
        String der = Base64.getEncoder().encodeToString(certificate.getEncoded());
        Path pem = Files.writeString(
                directory.resolve("c.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        Path binary = Files.write(directory.resolve("c.der"), certificate.getEncoded());
        try (var daemon = AnsweringDaemon.succeeding("{\"certificate\":" + ROW + "}")) {

            int first = run.run("trust", "add", pem.toString(), "--socket", daemon.uri());
            int second = run.run("trust", "add", binary.toString(), "--socket", daemon.uri());

            assertThat(first + second).as(run.stderr()).isZero();
            assertThat(run.stdout()).startsWith(SHA + "  trusted  CN=PLC 1\n");
            assertThat(daemon.requests())
                    .hasSize(2)
                    .allMatch(request -> request.contains("\"action\":\"add\"")
                            && request.contains("\"certificate\":\"" + der + "\""));
        }
    }

    @Test
    void aPrivateKeyNeverLeavesItsFile() throws Exception {
        Path file = Files.writeString(directory.resolve("k.pem"), "-----BEGIN PRIVATE KEY-----\nMIIgeheim\n");

        int code = run.run("trust", "add", file.toString(), "--socket", "tcp://127.0.0.1:1");

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).contains("holds a private key").doesNotContain("MIIgeheim");
    }

    @ParameterizedTest
    @CsvSource({
        "approve, 01234567, \"action\":\"approve\"!\"fingerprint\":\"01234567\"",
        "approve, 01:23:45:67:AB, \"action\":\"approve\"!\"fingerprint\":\"01234567ab\"",
        "remove, 0123456789ABCDEF, \"action\":\"remove\"!\"fingerprint\":\"0123456789abcdef\"",
        "remove, plc-1:4840, \"action\":\"remove\"!\"server\":\"plc-1:4840\"",
        "remove, cafe:4840, \"action\":\"remove\"!\"server\":\"cafe:4840\"",
        "remove, 01:23:45:67, \"action\":\"remove\"!\"fingerprint\":\"01234567\"",
    })
    void aCertificateIsNamedByItsFingerprintOrServer(String action, String argument, String request) throws Exception {
        try (var daemon = AnsweringDaemon.succeeding("{\"certificate\":" + ROW + "}")) {

            int code = run.run("trust", action, argument, "--socket", daemon.uri());

            assertThat(code).as(run.stderr()).isZero();
            assertThat(daemon.requests()).singleElement().asString().contains(request.split("!"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "trust approve xyz | FINGERPRINT: got xyz, expected at least 8 hex digits",
                "trust remove 0123 | FINGERPRINT: got 0123",
                "trust add /nonexistent/c.pem | FILE: there is no file /nonexistent/c.pem",
                "trust add /etc/hostname | FILE: /etc/hostname holds no certificate",
                "trust | trust: expected one of trust list, trust add, trust approve, trust remove",
                "trust aprove 01234567 | unknown command trust aprove; did you mean trust approve?",
                "certificate --json | certificate: expected one of certificate show",
            })
    void whatIsWrongIsNamedBeforeAnythingIsAsked(String arguments, String message) {
        int code = run.run(arguments.split(" "));

        assertThat(code).isEqualTo(2);
        assertThat(run.stderr()).contains(message);
    }

    @Test
    void theCertificateIsShownOrPrintedAsPem() throws Exception {
        String answer =
                "{\"subject\":\"CN=us\",\"applicationUri\":\"urn:h:opcuasm:x\",\"hostNames\":[\"h\",\"10.0.0.1\"],"
                        + "\"sha1\":\"aa\",\"sha256\":\"bb\",\"notAfter\":\"2126-01-02T00:00:00Z\",\"path\":null,"
                        + "\"pem\":\"-----BEGIN CERTIFICATE-----\\nMII\\n-----END CERTIFICATE-----\\n\",\"successor\":null}";
        try (var daemon = AnsweringDaemon.succeeding(answer)) {
            var pem = new CommandRun();

            int shown = run.run("certificate", "show", "--socket", daemon.uri());
            int printed = pem.run("certificate", "show", "--pem", "--socket", daemon.uri());

            assertThat(shown + printed).isZero();
            assertThat(run.stdout())
                    .contains(
                            "subject          CN=us",
                            "application URI  urn:h:opcuasm:x",
                            "host names       h, 10.0.0.1")
                    .doesNotContain("file", "BEGIN");
            assertThat(pem.stdout()).isEqualTo("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n");
            assertThat(daemon.requests().get(0)).contains("\"command\":\"certificate\"", "\"action\":\"show\"");
        }
    }

    @Test
    void explainSaysYesOrNoInItsExitCodeToo() throws Exception {
        String yes =
                "{\"allowed\":true,\"principal\":\"user:joe\",\"rule\":\"rule a\",\"reasons\":[\"rule a allows it\"]}";
        String no =
                "{\"allowed\":false,\"principal\":\"user:joe\",\"rule\":null,\"reasons\":[\"no rule is for user:joe\"]}";
        var refused = new CommandRun();
        try (var allowing = AnsweringDaemon.succeeding(yes);
                var refusing = AnsweringDaemon.succeeding(no)) {

            int allowedCode = run.run(
                    "policy",
                    "explain",
                    "write",
                    "--as",
                    "user:joe",
                    "--endpoint",
                    "opc.tcp://plc",
                    "--node",
                    "i=1",
                    "--socket",
                    allowing.uri());
            int refusedCode = refused.run("policy", "explain", "read", "--socket", refusing.uri());

            assertThat(allowedCode).isZero();
            assertThat(run.stdout()).isEqualTo("allowed to user:joe\n  rule a allows it\n");
            assertThat(allowing.requests().get(0))
                    .contains("\"command\":\"explain\"", "\"action\":\"write\"", "\"as\":\"user:joe\"")
                    .contains("\"endpointUrl\":\"opc.tcp://plc\"", "\"nodeId\":\"i=1\"");
            assertThat(refusedCode).isEqualTo(1);
            assertThat(refused.stdout()).isEqualTo("refused to user:joe\n  no rule is for user:joe\n");
            assertThat(refusing.requests().get(0)).doesNotContain("\"as\"", "nodeId");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UntrustedCertificateException | changed (trust approve 0123456789abcdef) || run `opcua-session-manager trust approve 0123456789abcdef`",
                "UntrustedCertificateException | expired || `opcua-session-manager trust list` shows what is trusted",
                "SecurityException | offers None only || `opcua-session-manager endpoints URL` shows what the server offers; choose with --policy",
                "SecurityException | refused | ,\"code\":2149515264 | check --user and its password",
                "ServiceException | Bad_UserAccessDenied | ,\"code\":2149515264 | check --user and its password",
                "ConnectionException | Bad_IdentityTokenRejected | ,\"code\":2149646336 | check --user and its password",
                "auth_failed | no token || set OPCUA_AUTH_TOKEN or pass --auth-token-file",
                "access_denied | not allowed || `opcua-session-manager policy explain open`",
                "InvalidArgumentException | not allowed: [path] || within its --allowed-cert-dirs",
            })
    void aRefusalEndsWithTheWayOut(String type, String message, String more, String wayOut) throws Exception {
        try (var daemon = AnsweringDaemon.failing(type, message, more == null ? "" : more)) {

            int code = run.run("open", "opc.tcp://plc", "--socket", daemon.uri());

            assertThat(code).isEqualTo(1);
            assertThat(run.stderr().lines()).singleElement().asString().contains(message, wayOut);
        }
    }

    @Test
    void anErrorNeverShowsThePassword() throws Exception {
        try (var daemon = AnsweringDaemon.failing("ServiceException", "no", ",\"code\":2149515264")) {
            run.environment("OPCUA_PASSWORD", "hunter2");

            int code = run.run("open", "opc.tcp://plc", "--user", "joe", "--json", "--socket", daemon.uri());

            assertThat(code).isEqualTo(1);
            assertThat(daemon.requests().get(0)).contains("\"password\":\"hunter2\"");
            assertThat(run.stdout() + run.stderr()).doesNotContain("hunter2").contains("\"type\":\"ServiceException\"");
        }
    }

    /** Of the certificates that come with the JDK, the first. */
    private static Certificate anyCertificate() throws Exception {
        var store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
        try (InputStream stream =
                Files.newInputStream(Path.of(System.getProperty("java.home"), "lib", "security", "cacerts"))) {
            store.load(stream, null);
        }
        byte[] der = store.getCertificate(store.aliases().nextElement()).getEncoded();
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
