package io.github.opcuasm.daemon.certificate;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bouncycastle.util.IPAddress;
import org.jspecify.annotations.Nullable;

/**
 * What this machine is called, for a certificate; and which names of hosts are the same.
 *
 * @param name its name, fit for a URI and for DNS
 * @param addresses those that it is reached at from elsewhere, bounded
 */
record HostNames(String name, List<String> addresses) {
    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^a-z0-9.-]+");
    private static final int MAX_ADDRESSES = 16;
    private static final int MAX_NAME = 63;

    HostNames {
        addresses = List.copyOf(addresses);
    }

    /** May ask the system's resolver: never on an event loop. */
    static HostNames ofThisMachine() {
        return new HostNames(fit(ownName()), ownAddresses());
    }

    /** A name with what DNS does not know replaced; {@code localhost} for none. */
    static String fit(String name) {
        String fit = OTHER_CHARACTERS.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
        return fit.isEmpty() ? "localhost" : fit.substring(0, Math.min(fit.length(), MAX_NAME));
    }

    /** One spelling for a host: lower case, no dot behind it, addresses of IPv6 in full and in brackets. */
    static String canonical(String host) {
        InetAddress address = literal(host);
        if (address instanceof Inet6Address) {
            String zone = host.contains("%") ? host.replaceAll("^[^%]*|]$", "") : "";
            return "[" + address.getHostAddress() + zone + "]";
        }
        return address == null ? withoutDot(host) : address.getHostAddress();
    }

    static String withoutDot(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** The address, without a zone, that a text is; null for what is no literal address: nothing is resolved. */
    static @Nullable InetAddress literal(String text) {
        String literal = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        literal = literal.replaceAll("%.*", "");
        if (!IPAddress.isValid(literal)) {
            return null;
        }
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static String ownName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // The system knows the name and no address for it: the message begins with the name.
            String message = e.getMessage();
            return message == null ? "" : message.replaceAll(":.*", "");
        }
    }

    private static List<String> ownAddresses() {
        TreeSet<String> found = new TreeSet<>();
        try {
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                network.inetAddresses().forEach(address -> {
                    boolean elsewhere = !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress()
                            && !address.isMulticastAddress()
                            && !address.isAnyLocalAddress();
                    if (elsewhere) {
                        found.add(
                                address instanceof Inet6Address
                                        ? address.getHostAddress().replaceAll("%.*", "")
                                        : address.getHostAddress());
                    }
                });
            }
        } catch (SocketException e) {
            // A certificate without addresses is one all the same.
        }
        return new ArrayList<>(found).subList(0, Math.min(found.size(), MAX_ADDRESSES));
    }
}
