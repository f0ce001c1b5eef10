package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.HandshakeFault.ACTIVATE_SESSION_NONCE_MISSING;
import static io.github.opcuasm.simulator.HandshakeFault.ACTIVATE_SESSION_NONCE_REPEATED;
import static io.github.opcuasm.simulator.HandshakeFault.ACTIVATE_SESSION_NONCE_SHORT;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_CERTIFICATE_OTHER;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_ENDPOINTS_EMPTY;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_ENDPOINTS_ONLY_NONE;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_ENDPOINTS_WITHOUT_OURS;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_NONCE_MISSING;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_NONCE_REPEATED;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_NONCE_SHORT;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_SIGNATURE_BY_OTHER_KEY;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_SIGNATURE_MISSING;
import static io.github.opcuasm.simulator.HandshakeFault.CREATE_SESSION_SIGNATURE_WRONG;
import static io.github.opcuasm.simulator.HandshakeFault.GET_ENDPOINTS_EMPTY;
import static io.github.opcuasm.simulator.HandshakeFault.GET_ENDPOINTS_GARBAGE_CERTIFICATES;
import static io.github.opcuasm.simulator.HandshakeFault.GET_ENDPOINTS_ONLY_NONE;
import static io.github.opcuasm.simulator.HandshakeFault.GET_ENDPOINTS_THOUSANDS;
import static io.github.opcuasm.simulator.HandshakeFault.GET_ENDPOINTS_WITHOUT_TOKENS;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.RsaKeys;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.channel.SecureChannel;
import org.eclipse.milo.opcua.stack.core.security.SecurityAlgorithm;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.SignatureUtil;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * The answers to GetEndpoints, CreateSession and ActivateSession as they leave the server: with the whole chain of
 * its certificate, of which Milo gives the first alone, under the address that a NAT would have it announce, and with
 * the {@link HandshakeFault}s in force.
 */
final class HandshakeAnswers {
    /** Endpoints that {@link HandshakeFault#GET_ENDPOINTS_THOUSANDS} adds. */
    static final int MANY = 2_000;

    private static final String UNKNOWN_POLICY = "http://opcfoundation.org/UA/SecurityPolicy#Unknown";
    private static final int SHORT = 16;
    private static final int LONG = 32;

    private final Faults faults;
    private final @Nullable ServerCertificates certificates;

    HandshakeAnswers(Faults faults, @Nullable ServerCertificates certificates) {
        this.faults = faults;
        this.certificates = certificates;
    }

    UaResponseMessageType prepared(
            ServiceRequestContext context, UaRequestMessageType request, UaResponseMessageType answer) {
        if (answer instanceof GetEndpointsResponse endpoints) {
            return new GetEndpointsResponse(answer.getResponseHeader(), listed(endpoints.getEndpoints()));
        }
        if (answer instanceof CreateSessionResponse created && request instanceof CreateSessionRequest create) {
            return created(context.getSecureChannel(), create, created);
        }
        if (answer instanceof ActivateSessionResponse activated) {
            return new ActivateSessionResponse(
                    activated.getResponseHeader(),
                    nonce(
                            activated.getServerNonce(),
                            ACTIVATE_SESSION_NONCE_SHORT,
                            ACTIVATE_SESSION_NONCE_MISSING,
                            ACTIVATE_SESSION_NONCE_REPEATED),
                    activated.getResults(),
                    activated.getDiagnosticInfos());
        }
        return answer;
    }

    private EndpointDescription[] listed(EndpointDescription @Nullable [] endpoints) {
        List<EndpointDescription> list = mapped(endpoints, this::announced);
        if (holds(GET_ENDPOINTS_EMPTY)) {
            list = List.of();
        }
        if (holds(GET_ENDPOINTS_ONLY_NONE)) {
            list = withoutSecurity(list);
        }
        if (holds(GET_ENDPOINTS_WITHOUT_TOKENS)) {
            list = list.stream()
                    .map(it -> with(it, it.getServerCertificate(), new UserTokenPolicy[0]))
                    .toList();
        }
        if (holds(GET_ENDPOINTS_GARBAGE_CERTIFICATES)) {
            list = list.stream()
                    .map(it -> with(it, repeated(LONG), it.getUserIdentityTokens()))
                    .toList();
        }
        if (holds(GET_ENDPOINTS_THOUSANDS)) {
            List<EndpointDescription> all = list;
            list = Stream.concat(
                            Stream.generate(() -> unknown(all.get(0))).limit(all.isEmpty() ? 0 : MANY), all.stream())
                    .toList();
        }
        return list.toArray(new EndpointDescription[0]);
    }

    private CreateSessionResponse created(
            SecureChannel channel, CreateSessionRequest request, CreateSessionResponse answer) {
        ByteString certificate = holds(CREATE_SESSION_CERTIFICATE_OTHER)
                ? ByteString.of(CertificateTemplate.server("127.0.0.1", "localhost")
                        .keys(RsaKeys.other())
                        .selfSigned()
                        .der())
                : withChain(answer.getServerCertificate());
        List<EndpointDescription> endpoints = mapped(answer.getServerEndpoints(), this::announced);
        if (holds(CREATE_SESSION_ENDPOINTS_EMPTY)) {
            endpoints = List.of();
        }
        if (holds(CREATE_SESSION_ENDPOINTS_ONLY_NONE)) {
            endpoints = withoutSecurity(endpoints);
        }
        if (holds(CREATE_SESSION_ENDPOINTS_WITHOUT_OURS)) {
            endpoints = endpoints.stream()
                    .filter(it -> it.getSecurityMode() != channel.getMessageSecurityMode()
                            || !Objects.equals(
                                    it.getSecurityPolicyUri(),
                                    channel.getSecurityPolicy().getUri()))
                    .toList();
        }
        return new CreateSessionResponse(
                answer.getResponseHeader(),
                answer.getSessionId(),
                answer.getAuthenticationToken(),
                answer.getRevisedSessionTimeout(),
                nonce(
                        answer.getServerNonce(),
                        CREATE_SESSION_NONCE_SHORT,
                        CREATE_SESSION_NONCE_MISSING,
                        CREATE_SESSION_NONCE_REPEATED),
                certificate,
                endpoints.toArray(new EndpointDescription[0]),
                answer.getServerSoftwareCertificates(),
                signature(channel, request, answer.getServerSignature()),
                answer.getMaxRequestMessageSize());
    }

    private SignatureData signature(SecureChannel channel, CreateSessionRequest request, SignatureData signature) {
        if (channel.getSecurityPolicy() == SecurityPolicy.None) {
            return signature;
        }
        if (holds(CREATE_SESSION_SIGNATURE_MISSING)) {
            return new SignatureData(null, ByteString.NULL_VALUE);
        }
        if (holds(CREATE_SESSION_SIGNATURE_BY_OTHER_KEY)) {
            return signedByOtherKey(channel, request);
        }
        if (holds(CREATE_SESSION_SIGNATURE_WRONG)) {
            byte[] wrong = signature.getSignature().bytesOrEmpty().clone();
            wrong[wrong.length - 1] ^= 1;
            return new SignatureData(signature.getAlgorithm(), ByteString.of(wrong));
        }
        return signature;
    }

    /** Part 4, 5.7.2: over the client's certificate and nonce. */
    private static SignatureData signedByOtherKey(SecureChannel channel, CreateSessionRequest request) {
        SecurityAlgorithm algorithm = channel.getSecurityPolicy().getAsymmetricSignatureAlgorithm();
        try {
            byte[] signature = SignatureUtil.sign(
                    algorithm,
                    RsaKeys.other().getPrivate(),
                    ByteBuffer.wrap(channel.getRemoteCertificate().getEncoded()),
                    ByteBuffer.wrap(request.getClientNonce().bytesOrEmpty()));
            return new SignatureData(algorithm.getUri(), ByteString.of(signature));
        } catch (UaException | CertificateEncodingException e) {
            throw new IllegalStateException("Cannot sign", e);
        }
    }

    private ByteString nonce(
            ByteString nonce, HandshakeFault tooShort, HandshakeFault missing, HandshakeFault repeated) {
        if (holds(missing)) {
            return ByteString.NULL_VALUE;
        }
        if (holds(tooShort)) {
            return ByteString.of(Arrays.copyOf(nonce.bytesOrEmpty(), SHORT));
        }
        return holds(repeated) ? repeated(LONG) : nonce;
    }

    private EndpointDescription announced(EndpointDescription endpoint) {
        return new EndpointDescription(
                faults.announced(endpoint.getEndpointUrl()),
                endpoint.getServer(),
                withChain(endpoint.getServerCertificate()),
                endpoint.getSecurityMode(),
                endpoint.getSecurityPolicyUri(),
                endpoint.getUserIdentityTokens(),
                endpoint.getTransportProfileUri(),
                endpoint.getSecurityLevel());
    }

    private ByteString withChain(ByteString certificate) {
        List<X509Certificate> chain =
                certificates == null ? List.of() : certificates.presented().chain();
        if (chain.size() < 2 || certificate.isNullOrEmpty()) {
            return certificate;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (X509Certificate each : chain) {
            try {
                bytes.writeBytes(each.getEncoded());
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("The certificate has no DER form", e);
            }
        }
        return ByteString.of(bytes.toByteArray());
    }

    private static List<EndpointDescription> withoutSecurity(List<EndpointDescription> endpoints) {
        return endpoints.stream()
                .limit(1)
                .map(it -> new EndpointDescription(
                        it.getEndpointUrl(),
                        it.getServer(),
                        it.getServerCertificate(),
                        MessageSecurityMode.None,
                        SecurityPolicy.None.getUri(),
                        new UserTokenPolicy[] {
                            TokenPolicies.anonymous(),
                            TokenPolicies.userName(SecurityPolicy.None),
                            TokenPolicies.of("certificate-None", UserTokenType.Certificate, SecurityPolicy.None)
                        },
                        it.getTransportProfileUri(),
                        ubyte(0)))
                .toList();
    }

    private static EndpointDescription with(
            EndpointDescription endpoint, ByteString certificate, UserTokenPolicy @Nullable [] tokens) {
        return new EndpointDescription(
                endpoint.getEndpointUrl(),
                endpoint.getServer(),
                certificate,
                endpoint.getSecurityMode(),
                endpoint.getSecurityPolicyUri(),
                tokens,
                endpoint.getTransportProfileUri(),
                endpoint.getSecurityLevel());
    }

    private static EndpointDescription unknown(EndpointDescription like) {
        return new EndpointDescription(
                like.getEndpointUrl(),
                like.getServer(),
                ByteString.NULL_VALUE,
                MessageSecurityMode.Sign,
                UNKNOWN_POLICY,
                like.getUserIdentityTokens(),
                like.getTransportProfileUri(),
                ubyte(0));
    }

    private static List<EndpointDescription> mapped(
            EndpointDescription @Nullable [] endpoints, UnaryOperator<EndpointDescription> change) {
        return endpoints == null
                ? List.of()
                : Arrays.stream(endpoints).map(change).toList();
    }

    private static ByteString repeated(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return ByteString.of(bytes);
    }

    private boolean holds(HandshakeFault fault) {
        return faults.holds(fault);
    }
}
