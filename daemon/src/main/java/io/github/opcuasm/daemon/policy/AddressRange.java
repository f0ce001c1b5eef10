package io.github.opcuasm.daemon.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses with a common beginning (CIDR, RFC 4632): {@code 10.0.0.0/8}, {@code fd00::/8}; one address without a length.
 * Bits behind the prefix must be zero, so that a slip of the pen does not mean something else.
 */
public final class AddressRange {
    private static final Pattern SHAPE = Pattern.compile("([0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(?:/([0-9]{1,3}))?");
    private static final Pattern IPV4 = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
    private static final String FORMS = "an address or a range like 10.0.0.0/8 or fd00::/8, zero behind its prefix";

    private final String text;
    private final byte[] prefix;
    private final int length;

    private AddressRange(String text, byte[] prefix, int length) {
        this.text = text;
        this.prefix = prefix;
        this.length = length;
    }

    /**
     * Reads one; looks no name up.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static AddressRange parse(String text) {
        return parse("addresses", text);
    }

    static AddressRange parse(String field, String text) {
        Matcher matcher = SHAPE.matcher(text);
        byte[] bytes = matcher.matches() ? literal(matcher.group(1)) : null;
        if (bytes == null || (bytes.length == 4 && text.indexOf(':') >= 0)) {
            throw Wrong.value(field, text, FORMS);
        }
        int length = matcher.group(2) == null ? bytes.length * 8 : Integer.parseInt(matcher.group(2));
        if (length > bytes.length * 8 || !zeroBehind(bytes, length)) {
            throw Wrong.value(field, text, FORMS);
        }
        return new AddressRange(text, bytes, length);
    }

    /** Whether a text looks like a range rather than a URL; it may still be a wrong one. */
    static boolean isMeant(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** Whether the address lies in it. IPv4 and IPv6 are worlds of their own here. */
    public boolean contains(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        int whole = length / 8;
        if (!Arrays.equals(prefix, 0, whole, address, 0, whole)) {
            return false;
        }
        int rest = length % 8;
        return rest == 0 || ((prefix[whole] ^ address[whole]) & 0xFF) >>> (8 - rest) == 0;
    }

    /** How many bits all its addresses share: of two ranges around an address, the one with more is the more specific. */
    public int length() {
        return length;
    }

    /**
     * The bytes of a literal address, 4 or 16; null for a name, which is not looked up. IPv4 inside IPv6
     * ({@code ::ffff:10.0.0.1}) comes back as IPv4. What follows a {@code %} (RFC 4007) is left out.
     */
    public static byte @Nullable [] literal(String address) {
        int zone = address.indexOf('%');
        String text = zone < 0 ? address : address.substring(0, zone);
        Matcher ipv4 = IPV4.matcher(text);
        if (ipv4.matches()) {
            byte[] bytes = new byte[4];
            for (int i = 0; i < 4; i++) {
                int part = Integer.parseInt(ipv4.group(i + 1));
                if (part > 255) {
                    return null;
                }
                bytes[i] = (byte) part;
            }
            return bytes;
        }
        if (text.indexOf(':') < 0) {
            return null;
        }
        try {
            // With a colon it is a literal or nothing: no name is looked up. IPv4 in IPv6 comes back as IPv4.
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static boolean zeroBehind(byte[] bytes, int length) {
        for (int bit = length; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AddressRange range && range.length == length && Arrays.equals(range.prefix, prefix);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(prefix) + length;
    }

    /** As it was read. */
    @Override
    public String toString() {
        return text;
    }
}
