package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.AddressRange;
import io.github.opcuasm.daemon.policy.AddressRules;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where connections may lead. Two things are judged: the address itself, for everybody alike, by the ranges of the policy
 * and those that nobody may reach by default; and whether one of the principal's grants is for this server, by its URL or
 * by its address.
 *
 * <p>Of all ranges around an address the one with the longest prefix decides; of two with the same prefix a denial, and
 * before both the policy's own. An address is refused too for another one that it leads to: an IPv4 address inside an IPv6
 * one, this host for the unspecified address ({@link EmbeddedAddresses}).
 *
 * <p>What a name resolved to when it was last connected to is remembered, so that later requests on the session can be
 * judged by a grant for a range: all addresses that the name was seen with must lie in it. Bounded; what is not remembered
 * is in no range.
 */
final class AddressJudge {
    /** What everybody needs to have a session at all. */
    static final Set<Scope> USE = EnumSet.of(Scope.READ, Scope.WRITE, Scope.CALL);

    private static final String EVERYWHERE = "*";

    private static final List<Range> DEFAULTS = List.of(
            denied("255.255.255.255", "broadcast"),
            denied("224.0.0.0/4", "multicast"),
            denied("ff00::/8", "multicast"),
            denied("169.254.0.0/16", "link-local"),
            denied("fe80::/10", "link-local"),
            denied("169.254.169.254", "cloud metadata"),
            denied("100.100.100.200", "cloud metadata"),
            denied("168.63.129.16", "cloud metadata"),
            denied("192.0.0.192", "cloud metadata"),
            denied("fd00:ec2::254", "cloud metadata"),
            denied("fd20:ce::254", "cloud metadata"));

    private final List<Range> ranges;
    private final ReachedAddresses reached = new ReachedAddresses();

    AddressJudge(AddressRules rules) {
        List<Range> all = new ArrayList<>();
        rules.deny().forEach(range -> all.add(new Range(range, false, "addresses.deny " + range)));
        rules.allow().forEach(range -> all.add(new Range(range, true, "addresses.allow " + range)));
        all.addAll(DEFAULTS);
        ranges = List.copyOf(all);
    }

    /** In the order in which they win over each other at the same length. */
    private record Range(AddressRange range, boolean allows, String source) {}

    private static Range denied(String range, String what) {
        return new Range(AddressRange.parse(range), false, "the default denial of " + what + " addresses, " + range);
    }

    /** What keeps everybody from this address; null if nothing does. */
    @Nullable
    String denial(byte[] address) {
        for (byte[] meant : EmbeddedAddresses.allOf(address)) {
            Range decisive = null;
            for (Range range : ranges) {
                if (range.range().contains(meant)
                        && (decisive == null
                                || range.range().length() > decisive.range().length())) {
                    decisive = range;
                }
            }
            if (decisive != null && !decisive.allows()) {
                return decisive.source();
            }
        }
        return null;
    }

    /** Whether the grant is for this server; for a name it must be known from a connection what it means. */
    boolean isFor(Grant grant, EndpointUrl url) {
        if (grant.endpoints().contains(EndpointPattern.ALL)) {
            return true;
        }
        boolean byAddress = grant.endpoints().stream().anyMatch(pattern -> pattern.range() != null);
        return isFor(grant, url, byAddress ? addressesOf(url) : List.of());
    }

    /** As {@link #isFor}, but a name that might turn out to mean an allowed address passes. */
    boolean mightBeFor(Grant grant, EndpointUrl url) {
        byte[] literal = AddressRange.literal(url.host());
        if (literal != null) {
            return isFor(grant, url, List.of(literal));
        }
        return isFor(grant, url, List.of()) || grant.endpoints().stream().anyMatch(pattern -> pattern.range() != null);
    }

    /** The addresses that stand for the server: its literal one, or those that its name was seen with. */
    List<byte[]> addressesOf(EndpointUrl url) {
        byte[] literal = AddressRange.literal(url.host());
        return literal != null ? List.of(literal) : reached.of(url.server());
    }

    private static boolean isFor(Grant grant, EndpointUrl url, List<byte[]> addresses) {
        for (EndpointPattern pattern : grant.endpoints()) {
            if (pattern.isAll()
                    || pattern.matches(url.host(), url.port(), path(url))
                    || areAllIn(pattern.range(), addresses)) {
                return true;
            }
        }
        return false;
    }

    private static boolean areAllIn(@Nullable AddressRange range, List<byte[]> addresses) {
        return range != null && !addresses.isEmpty() && addresses.stream().allMatch(range::contains);
    }

    private static String path(EndpointUrl url) {
        int host = url.text().indexOf("://") + 3;
        int slash = url.text().indexOf('/', host);
        return slash < 0 ? "" : url.text().substring(slash);
    }

    /** What the principal's connections are judged by, each time they are made. */
    AddressFilter filterFor(Principal principal) {
        List<Grant> usable = principal.grants().stream()
                .map(AppliedGrant::grant)
                .filter(grant -> principal.has(grant, USE))
                .toList();
        return new Filter(usable, patterns(principal));
    }

    /** What is judged for everybody alike, and nothing else: for servers that the configuration names. */
    AddressFilter filterForConfigured() {
        return new Filter(List.of(), EVERYWHERE);
    }

    private static String patterns(Principal principal) {
        if (!principal.isLimitedToEndpoints()) {
            return EVERYWHERE;
        }
        Set<String> patterns = new TreeSet<>();
        for (AppliedGrant applied : principal.grants()) {
            if (principal.has(applied.grant(), USE)) {
                applied.grant().endpoints().forEach(pattern -> patterns.add(pattern.toString()));
            }
        }
        return patterns.contains(EVERYWHERE) ? EVERYWHERE : String.join(" ", patterns);
    }

    /**
     * The filter that had this key, under the ranges of today: patterns contain no space, so the key tells them.
     *
     * @param key of a filter of ours, now or in an earlier process; what is none lets nothing pass
     */
    AddressFilter filterOf(String key) {
        if (key.equals(AddressFilter.ALL.key())) {
            return AddressFilter.ALL;
        }
        if (key.equals(EVERYWHERE)) {
            return filterForConfigured();
        }
        try {
            return new Filter(
                    List.of(Grant.of(List.of("read"), List.of(key.split(" ", -1)), Grant.everywhere(), Map.of())), key);
        } catch (IllegalArgumentException e) {
            return new Filter(List.of(), key);
        }
    }

    /** Two with the same patterns decide alike: the ranges are everybody's. */
    private final class Filter implements AddressFilter {
        private final List<Grant> usable;
        private final String key;

        Filter(List<Grant> usable, String key) {
            this.usable = usable;
            this.key = key;
        }

        @Override
        public void check(EndpointUrl url, InetAddress address) {
            byte[] bytes = address.getAddress();
            String denial = denial(bytes);
            if (denial != null) {
                throw new CommandException(
                        ErrorType.ACCESS_DENIED,
                        "Connecting to " + url.server() + " at " + address.getHostAddress() + " is not allowed: "
                                + denial + ". access.addresses.allow can allow it");
            }
            if (!key.equals(EVERYWHERE)) {
                requireGrant(url, address, bytes);
            }
            reached.note(url.server(), bytes);
        }

        private void requireGrant(EndpointUrl url, InetAddress address, byte[] bytes) {
            for (Grant grant : usable) {
                if (isFor(grant, url, List.of(bytes))) {
                    return;
                }
            }
            throw new CommandException(
                    ErrorType.ACCESS_DENIED,
                    "Connecting to " + url.server() + " at " + address.getHostAddress() + " is not allowed"
                            + ": no rule and no token of its own is for this server. A rule in the section access whose"
                            + " endpoints match can allow it");
        }

        @Override
        public String key() {
            return key;
        }
    }
}
