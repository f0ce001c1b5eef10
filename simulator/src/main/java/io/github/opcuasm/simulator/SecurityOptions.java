package io.github.opcuasm.simulator;

import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What a secured simulator offers. Untouched: every policy from None to Aes256_Sha256_RsaPss, Sign and
 * SignAndEncrypt, anonymous users, any client certificate, and a self-signed server certificate that passes every
 * check for 127.0.0.1 and localhost. User names and user certificates are offered once there is one.
 *
 * <p>User tokens follow the endpoint's policy; on the endpoint without security, where that would be none, passwords
 * are encrypted and signatures made by Basic256Sha256 unless {@link #clearTextPasswords()} is said.
 */
public final class SecurityOptions {
    private static final List<SecurityPolicy> ALL_POLICIES = List.of(
            SecurityPolicy.None,
            SecurityPolicy.Basic128Rsa15,
            SecurityPolicy.Basic256,
            SecurityPolicy.Basic256Sha256,
            SecurityPolicy.Aes128_Sha256_RsaOaep,
            SecurityPolicy.Aes256_Sha256_RsaPss);

    private final Map<String, String> users = new HashMap<>();
    private final List<X509Certificate> userCertificates = new ArrayList<>();
    private List<SecurityPolicy> policies = ALL_POLICIES;
    private Set<MessageSecurityMode> modes =
            new TreeSet<>(Set.of(MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt));
    private boolean anonymous = true;
    private boolean clearTextPasswords;
    private boolean checksApplicationUri;
    private @Nullable BiFunction<SecurityPolicy, MessageSecurityMode, List<UserTokenPolicy>> tokens;
    private @Nullable IssuedCertificate certificate;
    private @Nullable List<X509Certificate> trustedClients;

    SecurityOptions() {}

    /** The policies offered, in the order of the list of endpoints; None among them is the endpoint without security. */
    public SecurityOptions policies(SecurityPolicy... offered) {
        policies = List.of(offered);
        return this;
    }

    /** The modes offered with every policy other than None: Sign, SignAndEncrypt or both. */
    public SecurityOptions modes(MessageSecurityMode... offered) {
        if (offered.length == 0 || List.of(offered).contains(MessageSecurityMode.None)) {
            throw new IllegalArgumentException("Modes are Sign and SignAndEncrypt; for none, offer policy None");
        }
        modes = new TreeSet<>(List.of(offered));
        return this;
    }

    /** Takes no anonymous users. */
    public SecurityOptions withoutAnonymous() {
        anonymous = false;
        return this;
    }

    /** Takes this user name with this password, beside those given before. */
    public SecurityOptions user(String name, String password) {
        users.put(name, password);
        return this;
    }

    /** Takes the user with this certificate, beside those given before. */
    public SecurityOptions userCertificate(X509Certificate user) {
        userCertificates.add(user);
        return this;
    }

    /** Takes passwords in clear on the endpoint without security, and offers nothing else for them there. */
    public SecurityOptions clearTextPasswords() {
        clearTextPasswords = true;
        return this;
    }

    /**
     * What each endpoint offers its users, in this order, in place of what follows from the other options. The
     * ids of one endpoint's policies differ.
     */
    public SecurityOptions tokens(BiFunction<SecurityPolicy, MessageSecurityMode, List<UserTokenPolicy>> offered) {
        tokens = offered;
        return this;
    }

    /** The server's certificate; what stands behind it in the chain is sent with it. */
    public SecurityOptions certificate(IssuedCertificate server) {
        certificate = server;
        return this;
    }

    /** Takes only clients with one of these certificates; others are answered with Bad_SecurityChecksFailed. */
    public SecurityOptions trustClients(X509Certificate... clients) {
        trustedClients = List.of(clients);
        return this;
    }

    /**
     * Takes only clients whose certificate has the application URI that CreateSession names (Part 4, 5.7.2); others
     * are answered with Bad_CertificateUriInvalid.
     */
    public SecurityOptions checkApplicationUri() {
        checksApplicationUri = true;
        return this;
    }

    ServerSecurity build(String hostname) {
        IssuedCertificate presented = certificate;
        if (presented == null) {
            presented = CertificateTemplate.server(
                            new TreeSet<>(List.of("127.0.0.1", "localhost", hostname)).toArray(new String[0]))
                    .selfSigned();
        }
        return new ServerSecurity(
                offers(),
                new UserIdentities(Map.copyOf(users), List.copyOf(userCertificates)),
                new ServerCertificates(presented, new ClientTrust(trustedClients, checksApplicationUri)));
    }

    private List<ServerSecurity.Offer> offers() {
        List<ServerSecurity.Offer> offers = new ArrayList<>();
        for (SecurityPolicy policy : policies) {
            Iterable<MessageSecurityMode> offered =
                    policy == SecurityPolicy.None ? List.of(MessageSecurityMode.None) : modes;
            for (MessageSecurityMode mode : offered) {
                offers.add(new ServerSecurity.Offer(
                        policy, mode, tokens == null ? tokensOf(policy) : List.copyOf(tokens.apply(policy, mode))));
            }
        }
        return offers;
    }

    private List<UserTokenPolicy> tokensOf(SecurityPolicy policy) {
        boolean plain = policy == SecurityPolicy.None;
        List<UserTokenPolicy> offered = new ArrayList<>();
        if (anonymous) {
            offered.add(TokenPolicies.anonymous());
        }
        if (!users.isEmpty()) {
            offered.add(
                    !plain
                            ? TokenPolicies.userName()
                            : TokenPolicies.userName(
                                    clearTextPasswords ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256));
        }
        if (!userCertificates.isEmpty()) {
            offered.add(plain ? TokenPolicies.certificate(SecurityPolicy.Basic256Sha256) : TokenPolicies.certificate());
        }
        return offered;
    }
}
