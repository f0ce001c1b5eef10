package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of an OPC UA server, {@code opc.tcp://host[:port][/path]} (Part 6, 7.2).
 *
 * @param text as the caller gave it; it is what the server is told
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65535; 4840 where none was given
 */
public record EndpointUrl(String text, String host, int port) {
    private static final int DEFAULT_PORT = 4840;
    private static final int MAX_LENGTH = 4096;
    private static final Pattern SHAPE = Pattern.compile(
            "(?i:opc\\.tcp)://(?:\\[([0-9a-fA-F:.%]+)\\]|([^\\s\\p{Cntrl}/:@\\[\\]?#]+))(?::([0-9]{1,5}))?(?:/[^\\s\\p{Cntrl}]*)?");

    /**
     * Parses one.
     *
     * @throws CommandException {@code ConfigurationException}; its message shows no user info
     */
    public static EndpointUrl parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (text.length() > MAX_LENGTH || !matcher.matches()) {
            throw invalid(text);
        }
        int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
        if (port < 1 || port > 65_535) {
            throw invalid(text);
        }
        String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        return new EndpointUrl(text, host, port);
    }

    /** {@code host:port}, one server whatever the path. */
    public String server() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host.toLowerCase(Locale.ROOT)) + ":" + port;
    }

    private static CommandException invalid(String text) {
        String shown = text.indexOf('@') >= 0 ? "[url]" : text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return new CommandException(
                ErrorType.CONFIGURATION,
                "Invalid endpoint URL: " + shown + " (endpointUrl must be opc.tcp://host[:port][/path])");
    }
}
