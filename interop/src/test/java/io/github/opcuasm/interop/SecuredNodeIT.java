package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Full trust (chain, validity, host, application URI, key usage) meets the certificates that node-opcua makes. */
@RequiresNode
@Timeout(120)
class SecuredNodeIT {
    @Test
    void certificateMadeForItsServerIsTakenOnceItIsTrusted(@TempDir Path directory) throws Exception {
        try (NodeServer server = NodeServer.start(NodeServer.Script.SECURED, directory.resolve("pki"));
                DaemonProcess daemon = DaemonProcess.in(directory).start()) {
            Path store = directory.resolve("trust");

            JsonNode unknown = open(daemon, server, store);
            trustWhatWasRejected(store);
            JsonNode known = open(daemon, server, store);

            assertRefused(unknown);
            assertThat(known.get("success").booleanValue()).as("%s", known).isTrue();
        }
    }

    /** Part 4, 6.1.3: the certificate names the host of the URL; the one that node-opcua makes by default knows one name. */
    @Test
    void defaultCertificateIsRefusedForItsHostEvenIfTrusted(@TempDir Path directory) throws Exception {
        try (NodeServer server =
                        NodeServer.start(NodeServer.Script.SECURED, directory.resolve("pki"), "--default-certificate");
                DaemonProcess daemon = DaemonProcess.in(directory).start()) {
            Path store = directory.resolve("trust");

            JsonNode unknown = open(daemon, server, store);
            trustWhatWasRejected(store);
            JsonNode known = open(daemon, server, store);

            assertRefused(unknown);
            assertRefused(known);
            assertThat(known.get("error").get("message").textValue()).contains("is not for the host 127.0.0.1");
        }
    }

    private static void assertRefused(JsonNode answer) {
        assertThat(answer.get("success").booleanValue()).as("%s", answer).isFalse();
        assertThat(answer.get("error").get("type").textValue()).isEqualTo("UntrustedCertificateException");
    }

    private static JsonNode open(DaemonProcess daemon, NodeServer server, Path store) throws IOException {
        return JsonLines.to(daemon).ask("""
                {"command":"open","endpointUrl":"%s","config":{"opcuaTimeout":20,"trustPolicy":"full","trustStorePath":%s,
                "securityPolicy":"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256","securityMode":3}}""".formatted(server.url(), JsonLines.quoted(store.toString()))
                .replace("\n", ""));
    }

    /** What an operator does who has compared the fingerprint. */
    private static void trustWhatWasRejected(Path store) throws IOException {
        List<Path> rejected;
        try (Stream<Path> files = Files.list(store.resolve("rejected"))) {
            rejected = files.toList();
        }
        assertThat(rejected).hasSize(1);
        Files.createDirectories(store.resolve("trusted"));
        Files.move(
                rejected.get(0),
                store.resolve("trusted").resolve(rejected.get(0).getFileName()));
    }
}
