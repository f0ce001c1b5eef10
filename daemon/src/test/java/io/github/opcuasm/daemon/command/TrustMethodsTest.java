package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrustMethodsTest {
    @TempDir
    private Path directory;

    @Test
    void aCertificateIsTrustedAndNoLongerAsTheFilesShow() throws Exception {
        byte[] certificate = certificate();
        String sha1 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(certificate));
        Path store = directory.resolve("store");
        Path trusted = store.resolve("trusted").resolve(sha1 + ".der");
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String session = daemon.open("{'trustStorePath':'" + store + "'}");

            daemon.data(RunningDaemon.query(session, "trustCertificate", "['" + base64(certificate) + "']"));
            assertThat(trusted).hasBinaryContent(certificate);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store)))
                    .isEqualTo("rwx------");

            String withColons = sha1.replaceAll("(..)(?!$)", "$1:").toUpperCase(java.util.Locale.ROOT);
            daemon.data(RunningDaemon.query(session, "untrustCertificate", "['" + withColons + "']"));
            assertThat(trusted).doesNotExist();
        }
    }

    @Test
    void aCertificateThatCameEncodedTwiceIsTheSame() throws Exception {
        byte[] certificate = certificate();
        String twice = base64(base64(certificate).getBytes(StandardCharsets.US_ASCII));
        Path store = directory.resolve("store");
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String session = daemon.open("{'trustStorePath':'" + store + "'}");

            daemon.data(RunningDaemon.query(session, "trustCertificate", "['" + twice + "']"));

            assertThat(store.resolve("trusted")).isDirectoryContaining("glob:**.der");
        }
    }

    @Test
    void whatIsNoCertificateIsNamed() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String session = daemon.open("{'trustStorePath':'" + directory.resolve("store") + "'}");

            for (String params : new String[] {"[]", "[5]", "['?']", "['MAA=']", "['" + base64(new byte[40]) + "']"}) {
                JsonValue.Obj error = daemon.error(RunningDaemon.query(session, "trustCertificate", params));
                assertThat(RunningDaemon.text(error, "type")).isEqualTo("invalid_argument");
                assertThat(RunningDaemon.text(error, "message")).startsWith("certificate:");
            }
            JsonValue.Obj error = daemon.error(RunningDaemon.query(session, "untrustCertificate", "['../x']"));
            assertThat(RunningDaemon.text(error, "message")).startsWith("fingerprint:");
        }
    }

    @Test
    void aStoreThatCannotBeMadeIsRefusedWithoutItsPath() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            JsonValue.Obj error = daemon.error("{'command':'open','endpointUrl':'opc.tcp://127.0.0.1:1',"
                    + "'config':{'trustStorePath':'" + directory.resolve("no/such/parent") + "'}}");

            assertThat(RunningDaemon.text(error, "type")).isEqualTo("InvalidArgumentException");
            assertThat(RunningDaemon.text(error, "message")).contains("[path]").doesNotContain(directory.toString());
        }
    }

    @Test
    void withoutAStoreNothingHappensAndThePolicyIsToldWhereThereIsOne() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String without = daemon.open("{}");
            String with = daemon.open("{'trustStorePath':'" + directory + "'}");
            String strict = daemon.open("{'trustPolicy':'full'}");

            assertThat(daemon.data(
                            RunningDaemon.query(without, "trustCertificate", "['" + base64(certificate()) + "']")))
                    .isInstanceOf(JsonValue.Null.class);
            assertThat(daemon.data(RunningDaemon.query(without, "untrustCertificate", "['aa']")))
                    .isInstanceOf(JsonValue.Null.class);
            assertThat(daemon.data(RunningDaemon.query(without, "getTrustPolicy", "[]")))
                    .isInstanceOf(JsonValue.Null.class);
            assertThat(daemon.data(RunningDaemon.query(with, "getTrustPolicy", "[]")))
                    .isEqualTo(new JsonValue.Str("fingerprint"));
            assertThat(daemon.data(RunningDaemon.query(strict, "getTrustPolicy", "[]")))
                    .isEqualTo(new JsonValue.Str("full"));
            assertThat(daemon.data(RunningDaemon.query(with, "getTrustStore", "[]")))
                    .isInstanceOf(JsonValue.Null.class);
        }
    }

    private static byte[] certificate() throws Exception {
        KeyPair keys = SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        return new SelfSignedCertificateBuilder(keys)
                .setCommonName("a server")
                .setApplicationUri("urn:a:server")
                .build()
                .getEncoded();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
