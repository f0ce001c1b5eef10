package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/** The user token policies that an endpoint of the simulator can offer (Part 4, 7.41). */
public final class TokenPolicies {
    private TokenPolicies() {}

    /** No user at all. */
    public static UserTokenPolicy anonymous() {
        return of("anonymous", UserTokenType.Anonymous, null);
    }

    /** User name and password, encrypted as the endpoint's own security policy says. */
    public static UserTokenPolicy userName() {
        return of("username", UserTokenType.UserName, null);
    }

    /** User name and password, encrypted by this policy; None means in clear. */
    public static UserTokenPolicy userName(SecurityPolicy policy) {
        return of("username-" + policy, UserTokenType.UserName, policy);
    }

    /** A user's certificate, with a signature as the endpoint's own security policy says. */
    public static UserTokenPolicy certificate() {
        return of("certificate", UserTokenType.Certificate, null);
    }

    /** A user's certificate, with a signature by this policy. */
    public static UserTokenPolicy certificate(SecurityPolicy policy) {
        return of("certificate-" + policy, UserTokenType.Certificate, policy);
    }

    static UserTokenPolicy of(String id, UserTokenType type, @Nullable SecurityPolicy policy) {
        return new UserTokenPolicy(id, type, null, null, policy == null ? null : policy.getUri());
    }
}
