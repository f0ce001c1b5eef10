package io.github.opcuasm.protocol.type;

import org.jspecify.annotations.Nullable;

/**
 * A kind of identity that an endpoint takes (Part 4, 7.42).
 *
 * @param tokenType 0 anonymous, 1 user name, 2 certificate, 3 issued token
 */
public record UserTokenPolicy(
        @Nullable String policyId,
        int tokenType,
        @Nullable String issuedTokenType,
        @Nullable String issuerEndpointUrl,
        @Nullable String securityPolicyUri) {}
