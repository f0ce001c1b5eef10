package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a server (Part 4, 7.14).
 *
 * @param serverCertificate DER
 * @param securityMode 0 invalid, 1 None, 2 Sign, 3 SignAndEncrypt
 * @param securityLevel 0 to 255, higher is better
 */
public record EndpointDescription(
        @Nullable String endpointUrl,
        @Nullable ByteString serverCertificate,
        int securityMode,
        @Nullable String securityPolicyUri,
        int securityLevel,
        @Nullable String transportProfileUri,
        List<UserTokenPolicy> userIdentityTokens) {}
