package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

final class FrozenServerTest {
    @Test
    void acceptsAndNeverAnswers() throws Exception {
        try (FrozenServer server = FrozenServer.start();
                Socket socket = RawHello.connect(server.port())) {
            socket.setSoTimeout(100);

            socket.getOutputStream().write(RawHello.bytes(server.endpointUrl()));

            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(1));
        }
    }

    @Test
    void closeEndsConnectionsAndFreesThePort() throws Exception {
        FrozenServer server = FrozenServer.start();
        try (Socket socket = RawHello.connect(server.port())) {
            await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(1));

            server.close();

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(() -> RawHello.connect(server.port()).close()).isInstanceOf(ConnectException.class);
        }
    }
}
