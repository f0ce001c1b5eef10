package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;

/** Endpoints and applications as the protocol has them. */
final class EndpointMapping {
    private EndpointMapping() {}

    static List<EndpointDescription> toWire(
            List<org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription> endpoints) {
        return endpoints.stream().map(EndpointMapping::toWire).toList();
    }

    private static EndpointDescription toWire(
            org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription endpoint) {
        ByteString certificate = endpoint.getServerCertificate();
        byte[] der = certificate == null ? null : certificate.bytes();
        var mode = endpoint.getSecurityMode();
        var level = endpoint.getSecurityLevel();
        return new EndpointDescription(
                endpoint.getEndpointUrl(),
                der == null ? null : io.github.opcuasm.protocol.type.ByteString.copyOf(der),
                mode == null ? 0 : mode.getValue(),
                endpoint.getSecurityPolicyUri(),
                level == null ? 0 : level.intValue(),
                endpoint.getTransportProfileUri(),
                Arrays.stream(EndpointSelection.tokens(endpoint))
                        .filter(Objects::nonNull)
                        .map(EndpointMapping::toWire)
                        .toList());
    }

    static ApplicationDescription toWire(
            org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription application) {
        var type = application.getApplicationType();
        String[] urls = application.getDiscoveryUrls();
        return new ApplicationDescription(
                application.getApplicationUri(),
                application.getProductUri(),
                TypeMapper.toWire(application.getApplicationName()),
                type == null ? 0 : type.getValue(),
                application.getGatewayServerUri(),
                application.getDiscoveryProfileUri(),
                urls == null ? List.of() : Arrays.asList(urls));
    }

    private static UserTokenPolicy toWire(org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy token) {
        var type = token.getTokenType();
        return new UserTokenPolicy(
                token.getPolicyId(),
                type == null ? 0 : type.getValue(),
                token.getIssuedTokenType(),
                token.getIssuerEndpointUrl(),
                token.getSecurityPolicyUri());
    }
}
