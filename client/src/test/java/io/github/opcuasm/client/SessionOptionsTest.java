package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.SessionOptions.SecurityMode;
import io.github.opcuasm.client.SessionOptions.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class SessionOptionsTest {
    private static final Path PATH = Path.of("/etc/opcua/file");
    private static final Pattern MEMBER = Pattern.compile("`([a-zA-Z]+)`");

    private static SessionOptions everything() {
        return SessionOptions.builder()
                .timeout(Duration.ofMillis(7500))
                .autoRetry(0)
                .batchSize(0)
                .defaultBrowseMaxDepth(3)
                .readMetadataCache(true)
                .autoDetectWriteType(false)
                .sessionName("s")
                .applicationName("a")
                .sessionTimeout(Duration.ofSeconds(60))
                .securityPolicy("Basic256Sha256")
                .securityMode(SecurityMode.SIGN)
                .user("operator", "secret")
                .userCertificate(PATH, PATH)
                .userKeyPassphrase("secret")
                .allowPlaintextPassword(false)
                .clientCertificate(PATH, PATH)
                .clientKeyPassphrase("secret")
                .caCertificate(PATH)
                .trustStore(PATH)
                .trustPolicy(TrustPolicy.FINGERPRINT_AND_EXPIRY)
                .autoAccept(true)
                .autoAcceptForce(false)
                .build();
    }

    /** The table of `open` in docs/protocol.md. */
    private static Set<String> documented() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "protocol.md"));
        int from = text.indexOf("| `config` member |");
        var members = new TreeSet<String>();
        text.substring(from, text.indexOf("\n\n", from))
                .lines()
                .skip(2)
                .map(row -> row.substring(0, row.indexOf('|', 1)))
                .forEach(names -> MEMBER.matcher(names).results().forEach(match -> members.add(match.group(1))));
        return members;
    }

    @Test
    void thereIsOneForEachMemberOfTheProtocolsConfig() throws IOException {
        assertThat(everything().config().keySet()).isEqualTo(documented());
    }

    @Test
    void valuesAreThoseOfTheProtocol() {
        assertThat(everything().config())
                .containsEntry("opcuaTimeout", 7.5)
                .containsEntry("securityMode", 2)
                .containsEntry("trustPolicy", "fingerprint+expiry")
                .containsEntry("clientCertPath", PATH.toString());
        assertThat(SessionOptions.DEFAULTS.config()).isEmpty();
    }

    @Test
    void secretsAreNotShown() {
        assertThat(everything()).asString().contains("password").doesNotContain("secret");
    }
}
