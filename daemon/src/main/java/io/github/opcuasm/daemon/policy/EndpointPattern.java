package io.github.opcuasm.daemon.policy;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are meant: {@code opc.tcp://host[:port][/path]} with {@code *} for any characters in each part, judged on
 * the URL that the caller gave; or a range of addresses ({@code 10.0.0.0/8}), judged on what is really connected to;
 * {@code *} for all. Without a port it is 4840, as in a URL; {@code :*} means any. Without a path any path is meant.
 *
 * <p>In a host name {@code *} stands for no dot: {@code plc-*} does not mean {@code plc-1.example.org}, which belongs to
 * whoever owns example.org. {@code **} stands for dots too, and a host that is {@code *} alone for every host. A literal
 * IPv4 address takes no {@code *}, for names can look like {@code 10.0.*}: that is what ranges are for.
 */
public final class EndpointPattern {
    /** Every server. */
    public static final EndpointPattern ALL = new EndpointPattern("*", "*", "*", "*", null);

    private static final String DEFAULT_PORT = "4840";
    private static final Pattern SHAPE = Pattern.compile(
            "opc\\.tcp://(?:\\[([0-9a-fA-F:.*]+)\\]|([^\\s\\p{Cntrl}/:@\\[\\]?#]+))(?::([0-9]{1,5}|\\*))?(/[^\\s\\p{Cntrl}]*)?");
    private static final Pattern NUMERIC_WITH_STAR = Pattern.compile("(?=.*[0-9])(?=.*\\*)[0-9.*]+");
    private static final String FORMS =
            "opc.tcp://host[:port][/path] with * for any characters (in a name but dots, which ** has too), a range of"
                    + " addresses like 10.0.0.0/8, or *";

    private final String text;
    private final String host;
    private final String port;
    private final String path;
    private final @Nullable AddressRange range;

    private EndpointPattern(String text, String host, String port, String path, @Nullable AddressRange range) {
        this.text = text;
        this.host = host;
        this.port = port;
        this.path = path;
        this.range = range;
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is of none of the forms
     */
    public static EndpointPattern parse(String text) {
        if (text.equals("*")) {
            return ALL;
        }
        if (AddressRange.isMeant(text)) {
            return new EndpointPattern(text, "", "", "", AddressRange.parse("endpoints", text));
        }
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw Wrong.value("endpoints", text, FORMS);
        }
        String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        if (NUMERIC_WITH_STAR.matcher(host).matches()) {
            throw Wrong.value("endpoints", text, "a range of addresses like 10.0.0.0/8: a name could match this too");
        }
        return new EndpointPattern(
                text,
                host.toLowerCase(Locale.ROOT),
                matcher.group(3) == null ? DEFAULT_PORT : matcher.group(3),
                matcher.group(4) == null || matcher.group(4).equals("/") ? "*" : matcher.group(4),
                null);
    }

    /** Whether every server is meant. */
    public boolean isAll() {
        return equals(ALL);
    }

    /** The addresses that are meant; null if it is a pattern of URLs. */
    public @Nullable AddressRange range() {
        return range;
    }

    /**
     * Whether the URL is meant; a range of addresses means none.
     *
     * @param urlHost IPv6 without brackets
     * @param urlPath with its slash; empty = none
     */
    public boolean matches(String urlHost, int urlPort, String urlPath) {
        return range == null
                && (host.equals("*") || Glob.matchesName(host, urlHost.toLowerCase(Locale.ROOT)))
                && Glob.matches(port, Integer.toString(urlPort))
                && Glob.matches(path, urlPath.isEmpty() ? "/" : urlPath);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EndpointPattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it was read. */
    @Override
    public String toString() {
        return text;
    }
}
