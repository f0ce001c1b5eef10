package io.github.opcuasm.daemon.lifecycle;

import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Asks whether somebody listens on an endpoint, by connecting. Only a refused connection counts as "nobody": whatever
 * cannot be told (no permission, a full backlog, no answer) counts as somebody, because the caller is about to remove
 * what belongs to a dead process.
 */
final class EndpointProbe {
    private static final int CONNECT_TIMEOUT_MILLIS = 1_000;

    private EndpointProbe() {}

    static boolean accepts(IpcEndpoint endpoint) {
        return endpoint instanceof IpcEndpoint.Unix unix
                ? acceptsUnix(unix.path())
                : acceptsTcp((IpcEndpoint.Tcp) endpoint);
    }

    private static boolean acceptsUnix(Path path) {
        if (!Files.exists(path)) {
            return false;
        }
        try (ShortPath alias = ShortPath.of(path);
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // A full backlog would block here.
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(alias.path()));
            return true;
        } catch (ConnectException refused) {
            return false;
        } catch (IOException unclear) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static boolean acceptsTcp(IpcEndpoint.Tcp endpoint) {
        if (endpoint.port() == 0) {
            return false;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(endpoint.address(), endpoint.port()), CONNECT_TIMEOUT_MILLIS);
            return true;
        } catch (ConnectException refused) {
            return false;
        } catch (IOException unclear) {
            return true;
        }
    }
}
