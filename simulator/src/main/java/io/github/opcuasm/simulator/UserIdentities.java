package io.github.opcuasm.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.DefaultUsernameIdentity;
import org.eclipse.milo.opcua.sdk.server.identity.Identity;
import org.eclipse.milo.opcua.sdk.server.identity.Identity.UsernameIdentity;
import org.eclipse.milo.opcua.sdk.server.identity.IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.X509IdentityValidator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.UserIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.UserNameIdentityToken;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The users of a server. Milo's validators do the cryptography; what they take a policy without a security policy for
 * is put right here first: it means that of the endpoint (Part 4, 7.41), and where that is None, a password comes in
 * clear and a certificate would come without a proof, which is refused.
 */
final class UserIdentities implements IdentityValidator {
    private final Names names;
    private final IdentityValidator certificates;

    UserIdentities(Map<String, String> users, List<X509Certificate> certificates) {
        this.names = new Names(users);
        this.certificates = new X509IdentityValidator(certificates::contains);
    }

    @Override
    public Identity validateIdentityToken(
            Session session, UserIdentityToken token, UserTokenPolicy policy, SignatureData signature)
            throws UaException {
        UserTokenPolicy complete = complete(session, policy);
        return switch (policy.getTokenType()) {
            case Anonymous ->
                AnonymousIdentityValidator.INSTANCE.validateIdentityToken(session, token, complete, signature);
            case UserName -> names.validateIdentityToken(session, token, complete, signature);
            case Certificate -> {
                if (isNone(complete)) {
                    throw new UaException(StatusCodes.Bad_IdentityTokenRejected);
                }
                yield certificates.validateIdentityToken(session, token, complete, signature);
            }
            case IssuedToken -> throw new UaException(StatusCodes.Bad_IdentityTokenInvalid);
        };
    }

    @Override
    public Set<UserTokenType> getSupportedTokenTypes() {
        return Set.of(UserTokenType.Anonymous, UserTokenType.UserName, UserTokenType.Certificate);
    }

    private static UserTokenPolicy complete(Session session, UserTokenPolicy policy) {
        String uri = policy.getSecurityPolicyUri();
        if (uri != null && !uri.isEmpty()) {
            return policy;
        }
        return TokenPolicies.of(
                String.valueOf(policy.getPolicyId()),
                policy.getTokenType(),
                session.getSecurityConfiguration().getSecurityPolicy());
    }

    private static boolean isNone(UserTokenPolicy policy) {
        return SecurityPolicy.None.getUri().equals(policy.getSecurityPolicyUri());
    }

    private static final class Names extends UsernameIdentityValidator {
        private final Map<String, String> users;

        Names(Map<String, String> users) {
            super(challenge -> matches(users, challenge.getUsername(), challenge.getPassword()));
            this.users = users;
        }

        @Override
        protected UsernameIdentity validateUsernameToken(
                Session session, UserNameIdentityToken token, UserTokenPolicy policy, SignatureData signature)
                throws UaException {
            String algorithm = token.getEncryptionAlgorithm();
            boolean encrypted = algorithm != null && !algorithm.isEmpty();
            if (encrypted == isNone(policy)) {
                throw new UaException(StatusCodes.Bad_IdentityTokenInvalid);
            }
            if (encrypted) {
                return super.validateUsernameToken(session, token, policy, signature);
            }
            String name = token.getUserName();
            String password = new String(token.getPassword().bytesOrEmpty(), StandardCharsets.UTF_8);
            if (name == null || !matches(users, name, password)) {
                throw new UaException(StatusCodes.Bad_UserAccessDenied);
            }
            return new DefaultUsernameIdentity(name);
        }

        private static boolean matches(Map<String, String> users, String name, String password) {
            @Nullable String known = users.get(name);
            return known != null
                    && MessageDigest.isEqual(
                            known.getBytes(StandardCharsets.UTF_8), password.getBytes(StandardCharsets.UTF_8));
        }
    }
}
