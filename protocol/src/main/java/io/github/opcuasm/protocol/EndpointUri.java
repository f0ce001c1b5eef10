package io.github.opcuasm.protocol;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of {@link IpcEndpoint#parse}. Hosts are taken as literals, so that no name is ever looked up. */
final class EndpointUri {
    private static final Pattern TCP =
            Pattern.compile("tcp://(?:\\[(?<v6>[^\\]\\[]*)\\]|(?<host>[^:/\\[\\]@?#]*)):(?<port>[0-9]{1,5})/?");
    private static final Pattern LOOPBACK_V4 = Pattern.compile("127\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
    private static final Pattern V6_LITERAL = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final String FORMS = "unix:///absolute/path.sock, /absolute/path.sock, tcp://127.0.0.1:PORT,"
            + " tcp://[::1]:PORT or tcp://localhost:PORT";

    private EndpointUri() {}

    static IpcEndpoint parse(String uri) {
        if (uri.startsWith("/")) {
            return unix(uri, uri);
        }
        if (uri.startsWith("unix://")) {
            return unix(uri, uri.substring("unix://".length()));
        }
        if (uri.startsWith("tcp://")) {
            return tcp(uri);
        }
        int end = uri.indexOf("://");
        if (end > 0) {
            throw new IllegalArgumentException("Unsupported socket scheme \"" + uri.substring(0, end)
                    + "\": the allowed schemes are unix:// and tcp:// (loopback only)");
        }
        throw malformed(uri);
    }

    private static IpcEndpoint unix(String uri, String path) {
        if (!path.startsWith("/") || path.endsWith("/")) {
            throw malformed(uri);
        }
        try {
            return new IpcEndpoint.Unix(Path.of(path));
        } catch (InvalidPathException e) {
            throw malformed(uri);
        }
    }

    private static IpcEndpoint tcp(String uri) {
        Matcher parts = TCP.matcher(uri);
        if (!parts.matches()) {
            throw malformed(uri);
        }
        int port = Integer.parseInt(parts.group("port"));
        if (port > 65_535) {
            throw new IllegalArgumentException("Invalid port " + port + ": expected 0 to 65535");
        }
        String v6 = parts.group("v6");
        String host = v6 == null ? parts.group("host") : v6;
        InetAddress address = v6 == null ? loopbackV4(host) : loopbackV6(v6);
        if (address == null) {
            throw new IllegalArgumentException("Refusing the non-loopback host \"" + host
                    + "\": the daemon serves this machine only (127.0.0.0/8, ::1, localhost); remote access needs an"
                    + " explicit transport (TLS proxy, SSH tunnel)");
        }
        return new IpcEndpoint.Tcp(host, address, port);
    }

    private static @Nullable InetAddress loopbackV4(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return address(host, new byte[] {127, 0, 0, 1});
        }
        Matcher octets = LOOPBACK_V4.matcher(host);
        if (!octets.matches()) {
            return null;
        }
        byte[] bytes = {127, 0, 0, 0};
        for (int i = 1; i <= 3; i++) {
            int octet = Integer.parseInt(octets.group(i));
            if (octet > 255) {
                return null;
            }
            bytes[i] = (byte) octet;
        }
        return address(host, bytes);
    }

    private static @Nullable InetAddress loopbackV6(String literal) {
        if (!V6_LITERAL.matcher(literal).matches()) {
            return null;
        }
        try {
            // In brackets it is a literal or an error, never a name; a mapped address comes back as IPv4.
            InetAddress address = InetAddress.getByName("[" + literal + "]");
            return address.isLoopbackAddress() ? address : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static InetAddress address(String host, byte[] bytes) {
        try {
            return InetAddress.getByAddress(host, bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static IllegalArgumentException malformed(String uri) {
        return new IllegalArgumentException("Invalid socket URI \"" + uri + "\": expected " + FORMS);
    }
}
