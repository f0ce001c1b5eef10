package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The user token policy that a session is activated by (Part 4, 7.42): of those that the endpoint offers for the identity,
 * the one that protects it best.
 *
 * @param policyId as the server named it
 * @param protection how a password is encrypted, or what a user's key signs with; None = not at all
 */
record TokenPolicy(String policyId, SecurityProfile.Policy protection) {

    /**
     * Chooses one.
     *
     * @param offered by the endpoint; null or empty counts as anonymous users only
     * @throws CommandException {@code SecurityException} if none of them will do, saying why
     */
    static TokenPolicy choose(UserTokenPolicy @Nullable [] offered, SecuritySettings security) {
        List<UserTokenPolicy> all = offered == null ? List.of() : Arrays.asList(offered);
        UserIdentity identity = security.identity();
        if (all.isEmpty() && identity instanceof UserIdentity.Anonymous) {
            return new TokenPolicy("anonymous", SecurityProfile.Policy.NONE);
        }
        List<UserTokenPolicy> fitting = all.stream()
                .filter(token -> token != null && token.getTokenType() == typeOf(identity))
                .toList();
        if (fitting.isEmpty()) {
            throw refused("The server does not take " + users(identity) + " on this endpoint; it takes: "
                    + (all.isEmpty() ? "nobody" : offeredTypes(all)));
        }
        return fitting.stream()
                .flatMap(token -> protectionOf(token, security.profile().policy())
                        .map(protection ->
                                new TokenPolicy(token.getPolicyId() == null ? "" : token.getPolicyId(), protection))
                        .stream())
                .filter(token -> security.deprecatedPolicies() || !token.protection.isDeprecated())
                .max(Comparator.comparing(TokenPolicy::protection))
                .map(token -> token.allowedFor(security))
                .orElseThrow(() -> refused("The server takes " + users(identity) + " only under "
                        + fitting.stream()
                                .map(token -> SecurityProfile.Policy.shortName(String.valueOf(uriOf(token))))
                                .distinct()
                                .collect(Collectors.joining(", "))
                        + ", which this daemon does not have or, without --allow-deprecated-policies, not use"));
    }

    /** Empty for a policy that we do not have. */
    private static Optional<SecurityProfile.Policy> protectionOf(
            UserTokenPolicy token, SecurityProfile.Policy ofChannel) {
        String uri = uriOf(token);
        return uri == null ? Optional.of(ofChannel) : SecurityProfile.Policy.ofName(uri);
    }

    private static @Nullable String uriOf(UserTokenPolicy token) {
        String uri = token.getSecurityPolicyUri();
        return uri == null || uri.isEmpty() ? null : uri;
    }

    private TokenPolicy allowedFor(SecuritySettings security) {
        if (protection != SecurityProfile.Policy.NONE) {
            return this;
        }
        if (security.identity() instanceof UserIdentity.Certificate) {
            throw refused("A user's certificate proves nothing without a signature, and the server offers no policy to"
                    + " sign with; use a securityPolicy other than None");
        }
        if (security.identity() instanceof UserIdentity.UserName user
                && security.profile().mode() != SecurityProfile.Mode.SIGN_AND_ENCRYPT
                && !user.allowPlaintext()) {
            throw refused("The server would be sent the password unencrypted; use securityMode 3 (SignAndEncrypt), or"
                    + " set allowPlaintextPassword if the network may see it");
        }
        return this;
    }

    private static UserTokenType typeOf(UserIdentity identity) {
        if (identity instanceof UserIdentity.UserName) {
            return UserTokenType.UserName;
        }
        return identity instanceof UserIdentity.Certificate ? UserTokenType.Certificate : UserTokenType.Anonymous;
    }

    private static String users(UserIdentity identity) {
        if (identity instanceof UserIdentity.UserName) {
            return "user names";
        }
        return identity instanceof UserIdentity.Certificate ? "user certificates" : "anonymous users";
    }

    static String offeredTypes(List<UserTokenPolicy> tokens) {
        return tokens.stream()
                .map(token -> name(token == null ? null : token.getTokenType()))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String name(@Nullable UserTokenType type) {
        if (type == null) {
            return "unknown";
        }
        return switch (type) {
            case Anonymous -> "anonymous users";
            case UserName -> "user names";
            case Certificate -> "user certificates";
            case IssuedToken -> "issued tokens";
        };
    }

    private static CommandException refused(String message) {
        return new CommandException(ErrorType.SECURITY, message);
    }
}
