package io.github.opcuasm.daemon.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses that an address leads to: a rule against 169.254.169.254 must hold for {@code ::ffff:169.254.169.254} too,
 * and for what a translator or a tunnel on the way makes of it. The unspecified addresses lead to this host: systems connect
 * to it for them.
 */
final class EmbeddedAddresses {
    private static final byte[] LOOPBACK_IPV4 = {127, 0, 0, 1};
    private static final byte[] LOOPBACK_IPV6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private EmbeddedAddresses() {}

    /** The address itself, first, and each address that one of its possible meanings has in it. */
    static List<byte[]> allOf(byte[] address) {
        List<byte[]> all = embedded(address);
        if (all.stream().anyMatch(meant -> isZero(meant, 0, meant.length))) {
            all.add(LOOPBACK_IPV4);
            if (address.length == 16) {
                all.add(LOOPBACK_IPV6);
            }
        }
        return all;
    }

    private static List<byte[]> embedded(byte[] address) {
        List<byte[]> all = new ArrayList<>(2);
        all.add(address);
        if (address.length != 16) {
            return all;
        }
        boolean zeroBefore12 = isZero(address, 0, 12);
        if (zeroBefore12 && !isZero(address, 12, 15)) {
            all.add(ipv4(address, 12)); // IPv4-compatible, RFC 4291, 2.5.5.1
        } else if (isZero(address, 0, 10) && at(address, 10, 0xFF, 0xFF)) {
            all.add(ipv4(address, 12)); // IPv4-mapped, RFC 4291, 2.5.5.2
        } else if (isZero(address, 0, 8) && at(address, 8, 0xFF, 0xFF, 0, 0)) {
            all.add(ipv4(address, 12)); // IPv4-translated, RFC 2765
        } else if (at(address, 0, 0x00, 0x64, 0xFF, 0x9B)) {
            all.add(ipv4(address, 12)); // NAT64, RFC 6052 and 8215
        } else if (at(address, 0, 0x20, 0x02)) {
            all.add(ipv4(address, 2)); // 6to4, RFC 3056
        } else if (at(address, 0, 0x20, 0x01, 0, 0)) {
            all.add(ipv4(address, 4)); // Teredo, RFC 4380: the server, and the client with its bits turned over
            byte[] client = ipv4(address, 12);
            for (int i = 0; i < client.length; i++) {
                client[i] = (byte) ~client[i];
            }
            all.add(client);
        }
        if (at(address, 8, 0x00, 0x00, 0x5E, 0xFE) || at(address, 8, 0x02, 0x00, 0x5E, 0xFE)) {
            all.add(ipv4(address, 12)); // ISATAP, RFC 5214
        }
        return all;
    }

    private static byte[] ipv4(byte[] address, int from) {
        return Arrays.copyOfRange(address, from, from + 4);
    }

    private static boolean isZero(byte[] address, int from, int to) {
        for (int i = from; i < to; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean at(byte[] address, int from, int... expected) {
        for (int i = 0; i < expected.length; i++) {
            if ((address[from + i] & 0xFF) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
