package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.opcua.SecurityProfile.Mode;
import io.github.opcuasm.daemon.opcua.SecurityProfile.Policy;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ResumableSessionTest {
    private static final IssuedCertificate SERVER =
            CertificateTemplate.server("127.0.0.1").selfSigned();
    private static final ByteString NONCE = ByteString.of(new byte[] {1, 2, 3, 4});

    static List<NodeId> tokens() {
        return List.of(
                new NodeId(1, "the-token; with=signs \u00fc"),
                new NodeId(0, 4_711),
                new NodeId(65_535, UUID.fromString("01234567-89ab-cdef-0123-456789abcdef")),
                new NodeId(2, ByteString.of(new byte[] {0, -1, 17, 127})));
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void everythingThatAnActivationNeedsComesBack(NodeId token) throws Exception {
        ResumableSession left = secured(token);

        ResumableSession found = ResumableSession.decode(left.encode());

        assertThat(found.endpoint()).isEqualTo(left.endpoint());
        assertThat(found.session()).isEqualTo(left.session());
        assertThat(found.timeout()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void sessionWithoutSecurityComesBack() throws Exception {
        ResumableSession left = new ResumableSession(
                ChosenEndpoint.plain(EndpointUrl.parse("opc.tcp://plc:4840/x")),
                session(new NodeId(1, "token"), ByteString.of(new byte[0]), false));

        ResumableSession found = ResumableSession.decode(left.encode());

        assertThat(found.endpoint()).isEqualTo(left.endpoint());
        assertThat(found.session().serverCertificate()).isNull();
        assertThat(found.session().authenticationToken()).isEqualTo(new NodeId(1, "token"));
    }

    @Test
    void tokenAndNonceAreNeverShown() {
        assertThat(secured(new NodeId(1, "the-token")).toString())
                .contains("s=session")
                .doesNotContain("the-token");
    }

    @Test
    void whateverIsCutOffIsNoSession() {
        byte[] whole = secured(new NodeId(1, "the-token")).encode();

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> ResumableSession.decode(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void moreThanASessionIsNone() {
        byte[] whole = secured(new NodeId(1, "the-token")).encode();

        assertThatThrownBy(() -> ResumableSession.decode(Arrays.copyOf(whole, whole.length + 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void corruptBytesAreAnotherSessionOrNoneButNeverAnythingElse() {
        byte[] whole = secured(new NodeId(1, "the-token")).encode();
        Random random = new Random(5);

        for (int i = 0; i < 5_000; i++) {
            byte[] corrupt = whole.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                corrupt[random.nextInt(corrupt.length)] = (byte) random.nextInt();
            }
            assertThatCode(() -> {
                        try {
                            ResumableSession.decode(corrupt);
                        } catch (IOException e) {
                            assertThat(e).hasMessageNotContaining("the-token");
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }

    private static ResumableSession secured(NodeId token) {
        return new ResumableSession(
                new ChosenEndpoint(
                        "opc.tcp://plc:4840/x",
                        "urn:test:server",
                        new SecurityProfile(Policy.BASIC256SHA256, Mode.SIGN_AND_ENCRYPT),
                        List.of(SERVER.certificate()),
                        null,
                        Set.of(new ChosenEndpoint.OfferedToken("user", "UserName", Policy.BASIC256SHA256.name()))),
                session(token, NONCE, true));
    }

    private static EstablishedSession session(NodeId token, ByteString nonce, boolean secured) {
        return new EstablishedSession(
                new NodeId(1, "session"),
                token,
                nonce,
                secured ? SERVER.certificate() : null,
                Duration.ofMinutes(2),
                new TokenPolicy("user", secured ? Policy.BASIC256SHA256 : Policy.NONE),
                null);
    }
}
