package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.transport.client.ClientApplicationContext;

/**
 * What Milo's handlers ask the application for, with SecurityPolicy None: no keys, no certificate, and a validator that
 * accepts none (Milo's own default accepts every one).
 */
record PlainApplication(String endpointUrl, EncodingContext getEncodingContext, long timeoutMs)
        implements ClientApplicationContext {

    @Override
    public EndpointDescription getEndpoint() {
        return new EndpointDescription(
                endpointUrl,
                new ApplicationDescription(null, null, null, null, null, null, null),
                ByteString.NULL_VALUE,
                MessageSecurityMode.None,
                SecurityPolicy.None.getUri(),
                new UserTokenPolicy[0],
                TransportProfile.TCP_UASC_UABINARY.getUri(),
                ubyte(0));
    }

    @Override
    public Optional<KeyPair> getKeyPair() {
        return Optional.empty();
    }

    @Override
    public Optional<X509Certificate> getCertificate() {
        return Optional.empty();
    }

    @Override
    public Optional<X509Certificate[]> getCertificateChain() {
        return Optional.empty();
    }

    @Override
    public CertificateValidator getCertificateValidator() {
        return (chain, applicationUri, hostNames) -> {
            throw new UaException(
                    StatusCodes.Bad_SecurityChecksFailed, "a certificate came on a channel without security");
        };
    }

    @Override
    public UInteger getRequestTimeout() {
        return uint(timeoutMs);
    }
}
