package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.jspecify.annotations.Nullable;

/**
 * How a secure channel is secured.
 *
 * @param ours null with {@link SecurityPolicy#None}, else present
 * @param server the certificate that the channel is opened for, its chain behind it; trusted already; empty with None
 */
record ChannelSecurity(
        SecurityPolicy policy,
        MessageSecurityMode mode,
        @Nullable KeyMaterial ours,
        List<X509Certificate> server) {
    static final ChannelSecurity NONE =
            new ChannelSecurity(SecurityPolicy.None, MessageSecurityMode.None, null, List.of());

    ChannelSecurity {
        server = List.copyOf(server);
        boolean none = policy == SecurityPolicy.None;
        boolean secured = mode == MessageSecurityMode.Sign || mode == MessageSecurityMode.SignAndEncrypt;
        if (none ? mode != MessageSecurityMode.None : !secured || ours == null || server.isEmpty()) {
            throw new IllegalArgumentException(policy + " with " + mode + " or without certificates");
        }
    }

    boolean isNone() {
        return policy == SecurityPolicy.None;
    }

    /** What secured channels have. */
    KeyMaterial requireOurs() {
        return Objects.requireNonNull(ours);
    }
}
