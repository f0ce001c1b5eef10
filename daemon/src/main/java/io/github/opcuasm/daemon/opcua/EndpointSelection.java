package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among a server's endpoints the one with the policy and mode that were asked for, and no other: what a server
 * does not offer is an error, never a weaker connection.
 */
final class EndpointSelection {
    private static final int MAX_NAMED = 12;

    private EndpointSelection() {}

    /**
     * The endpoint; of several, one that takes the identity, then one with the caller's path, then the one that the server
     * ranks highest.
     *
     * @throws CommandException {@code SecurityException} that lists what the server offers
     */
    static EndpointDescription choose(List<EndpointDescription> offered, EndpointUrl url, SecuritySettings security) {
        return best(offered, url, security)
                .orElseThrow(() -> new CommandException(
                        ErrorType.SECURITY,
                        url.server() + " does not offer " + security.profile() + "; it offers: " + names(offered)));
    }

    /** As {@link #choose}; empty if there is none. */
    static Optional<EndpointDescription> best(
            List<EndpointDescription> offered, EndpointUrl url, SecuritySettings security) {
        return overTcp(offered)
                .filter(endpoint -> matches(endpoint, security.profile()))
                .max(Comparator.<EndpointDescription, Boolean>comparing(endpoint -> takes(endpoint, security))
                        .thenComparing(
                                endpoint -> path(endpoint.getEndpointUrl()).equals(path(url.text())))
                        .thenComparing(EndpointSelection::level));
    }

    /** Whether it is secured as asked for. */
    static boolean matches(EndpointDescription endpoint, SecurityProfile profile) {
        return profile.policy().algorithms().getUri().equals(endpoint.getSecurityPolicyUri())
                && profile.mode().mode() == endpoint.getSecurityMode();
    }

    /** The endpoint's path at the host and port that the caller gave: servers may know themselves by other names. */
    static String reachableUrl(EndpointUrl url, EndpointDescription endpoint) {
        String authority =
                url.text().substring(0, url.text().length() - path(url.text()).length());
        return authority + path(endpoint.getEndpointUrl());
    }

    static Stream<EndpointDescription> overTcp(List<EndpointDescription> offered) {
        return offered.stream().filter(Objects::nonNull).filter(endpoint -> {
            String profile = endpoint.getTransportProfileUri();
            return profile == null
                    || profile.isEmpty()
                    || TransportProfile.TCP_UASC_UABINARY.getUri().equals(profile);
        });
    }

    private static boolean takes(EndpointDescription endpoint, SecuritySettings security) {
        try {
            return TokenPolicy.choose(endpoint.getUserIdentityTokens(), security) != null;
        } catch (CommandException e) {
            return false;
        }
    }

    private static int level(EndpointDescription endpoint) {
        return endpoint.getSecurityLevel() == null
                ? 0
                : endpoint.getSecurityLevel().intValue();
    }

    /** What follows host and port; empty if nothing does. */
    private static String path(@Nullable String url) {
        if (url == null) {
            return "";
        }
        int host = url.indexOf("://");
        int slash = host < 0 ? -1 : url.indexOf('/', host + 3);
        return slash < 0 ? "" : url.substring(slash);
    }

    private static String names(List<EndpointDescription> offered) {
        List<String> names = overTcp(offered)
                .map(EndpointSelection::name)
                .distinct()
                .sorted()
                .toList();
        if (names.isEmpty()) {
            return "nothing over opc.tcp";
        }
        String shown = names.stream().limit(MAX_NAMED).collect(Collectors.joining("; "));
        return names.size() > MAX_NAMED ? shown + "; …" : shown;
    }

    private static String name(EndpointDescription endpoint) {
        String policy = SecurityProfile.Policy.shortName(String.valueOf(endpoint.getSecurityPolicyUri()));
        String shown = policy.length() > 40 ? policy.substring(0, 40) + "…" : policy;
        MessageSecurityMode mode = endpoint.getSecurityMode();
        boolean plain = SecurityPolicy.None.getUri().equals(endpoint.getSecurityPolicyUri());
        return plain || mode == null ? shown : shown + " " + mode;
    }

    static UserTokenPolicy[] tokens(EndpointDescription endpoint) {
        UserTokenPolicy[] tokens = endpoint.getUserIdentityTokens();
        return tokens == null ? new UserTokenPolicy[0] : tokens;
    }
}
