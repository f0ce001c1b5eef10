package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The fixture keeps its promises; without them the other tests of this module prove nothing. */
@RequiresNode
@Timeout(120)
class NodeServerIT {

    @Test
    void acceptsOnTheSamePortAfterEachEnd(@TempDir Path pki) throws IOException, InterruptedException {
        try (var server = NodeServer.start(pki)) {
            String url = server.url();
            connect(url);

            server.kill();
            assertThatIOException().isThrownBy(() -> connect(url));
            server.restart();
            connect(url);

            server.stop();
            assertThatIOException().isThrownBy(() -> connect(url));
            server.restart();
            connect(url);

            assertThat(server.url()).isEqualTo(url);
        }
    }

    private static void connect(String url) throws IOException {
        URI uri = URI.create(url);
        try (var socket = new Socket(uri.getHost(), uri.getPort())) {
            assertThat(socket.isConnected()).isTrue();
        }
    }
}
