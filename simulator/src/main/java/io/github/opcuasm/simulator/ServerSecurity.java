package io.github.opcuasm.simulator;

import java.net.InetSocketAddress;
import java.security.Security;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.IdentityValidator;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a simulator, its users and its certificates, over all its starts.
 *
 * @param certificates null where nothing is secured
 */
record ServerSecurity(
        List<Offer> offers,
        IdentityValidator users,
        @Nullable ServerCertificates certificates) {
    ServerSecurity {
        offers = List.copyOf(offers);
    }

    /** One endpoint without security, anonymous users. */
    static ServerSecurity none() {
        return new ServerSecurity(
                List.of(new Offer(SecurityPolicy.None, MessageSecurityMode.None, List.of(TokenPolicies.anonymous()))),
                AnonymousIdentityValidator.INSTANCE,
                null);
    }

    /**
     * Makes RSA-PSS available, which Milo asks for under a name that only Bouncy Castle has. Providers belong to the
     * JVM: it stays, behind all others.
     */
    void prepare() {
        if (certificates != null) {
            var unused = Security.addProvider(new BouncyCastleProvider());
        }
    }

    /** The endpoints of a server at this address, in the order offered. */
    Set<EndpointConfig> endpoints(InetSocketAddress address, String hostname) {
        Set<EndpointConfig> endpoints = new LinkedHashSet<>();
        for (Offer offer : offers) {
            EndpointConfig.Builder endpoint = EndpointConfig.newBuilder()
                    .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                    .setBindAddress(address.getHostString())
                    .setBindPort(address.getPort())
                    .setHostname(hostname)
                    .setPath(Simulator.PATH)
                    .setSecurityPolicy(offer.policy())
                    .setSecurityMode(offer.mode())
                    .addTokenPolicies(offer.tokens().toArray(new UserTokenPolicy[0]));
            if (certificates != null) {
                endpoint.setCertificate(() -> certificates.presented().certificate());
            }
            endpoints.add(endpoint.build());
        }
        return endpoints;
    }

    /** One endpoint. */
    record Offer(SecurityPolicy policy, MessageSecurityMode mode, List<UserTokenPolicy> tokens) {}
}
