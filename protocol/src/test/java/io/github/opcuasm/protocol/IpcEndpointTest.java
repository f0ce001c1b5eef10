package io.github.opcuasm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpcEndpointTest {

    @ParameterizedTest
    @ValueSource(strings = {"unix:///run/opcua.sock", "/run/opcua.sock"})
    void anAbsolutePathIsAUnixSocket(String uri) {
        IpcEndpoint endpoint = IpcEndpoint.parse(uri);

        assertThat(endpoint).isEqualTo(new IpcEndpoint.Unix(Path.of("/run/opcua.sock")));
        assertThat(endpoint.uri()).isEqualTo("unix:///run/opcua.sock");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:9990, 127.0.0.1",
        "tcp://127.255.255.254:9990, 127.255.255.254",
        "tcp://localhost:9990, 127.0.0.1",
        "tcp://[::1]:9990, ::1",
        "tcp://[0:0:0:0:0:0:0:1]:9990, ::1",
        "tcp://[::ffff:127.0.0.1]:9990, 127.0.0.1",
        "tcp://[::ffff:7f01:203]:9990, 127.1.2.3"
    })
    void aLoopbackHostIsATcpPort(String uri, String address) throws UnknownHostException {
        IpcEndpoint endpoint = IpcEndpoint.parse(uri);

        assertThat(endpoint).isInstanceOf(IpcEndpoint.Tcp.class);
        assertThat(((IpcEndpoint.Tcp) endpoint).address()).isEqualTo(InetAddress.getByName(address));
        assertThat(((IpcEndpoint.Tcp) endpoint).port()).isEqualTo(9990);
        assertThat(endpoint.uri()).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://192.168.0.1:9990, 192.168.0.1",
        "tcp://0.0.0.0:9990, 0.0.0.0",
        "tcp://example.invalid:9990, example.invalid",
        "tcp://127.0.0.1.example.invalid:9990, 127.0.0.1.example.invalid",
        "tcp://127.1:9990, 127.1",
        "tcp://2130706433:9990, 2130706433",
        "tcp://127.0.0.256:9990, 127.0.0.256",
        "tcp://[::]:9990, ::",
        "tcp://[fe80::1]:9990, fe80::1",
        "tcp://[::ffff:10.0.0.1]:9990, ::ffff:10.0.0.1",
        "tcp://[::1%lo]:9990, ::1%lo",
        "tcp://[localhost]:9990, localhost"
    })
    void anyOtherHostIsRefusedByName(String uri, String host) {
        assertThatThrownBy(() -> IpcEndpoint.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + host + "\"")
                .hasMessageContaining("explicit transport (TLS proxy, SSH tunnel)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80", "ssl://localhost:1", "unixx:///a", "UNIX:///a"})
    void anyOtherSchemeIsRefusedNamingTheAllowedOnes(String uri) {
        assertThatThrownBy(() -> IpcEndpoint.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unix:// and tcp://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "opcua.sock",
                "unix://relative.sock",
                "unix:/run/a",
                "unix:///",
                "/run/",
                "tcp://localhost",
                "tcp://localhost:",
                "tcp://localhost:x",
                "tcp://localhost:65536",
                "tcp://:9990",
                "tcp://::1:9990",
                "tcp://user@localhost:1",
                "tcp://localhost:1/path"
            })
    void malformedUrisAreRefused(String uri) {
        assertThatThrownBy(() -> IpcEndpoint.parse(uri)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPathIsMeasuredInBytesAgainstTheKernelsLimit() {
        IpcEndpoint.Unix fits = new IpcEndpoint.Unix(Path.of("/" + "é".repeat(53)));
        IpcEndpoint.Unix tooLong = new IpcEndpoint.Unix(Path.of("/" + "é".repeat(53) + "x"));

        fits.checkLength("Linux", 108);

        assertThatThrownBy(() -> tooLong.checkLength("Linux", 108))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unix socket path is too long: 108 bytes, but the Linux kernel limits sun_path to 108 bytes"
                        + " (usable 107). The kernel silently truncates longer paths, which breaks chmod() and"
                        + " reconnect. Set OPCUA_SOCKET_PATH (or pass --socket) to a shorter path, e.g."
                        + " /tmp/opcua-session.sock. Got: " + tooLong.path());
        assertThatThrownBy(() -> fits.checkLength("Darwin", 104))
                .hasMessageContaining("the Darwin kernel limits sun_path to 104 bytes (usable 103)");
    }
}
