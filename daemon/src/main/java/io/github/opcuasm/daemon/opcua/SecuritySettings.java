package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.TrustSettings;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The security that a session asks for.
 *
 * @param ours our application's certificate; asked for before each connect, because it is renewed now and then; not asked
 *     with policy None
 * @param trust which servers' certificates are believed
 * @param deprecatedPolicies whether user tokens may be protected by them
 */
public record SecuritySettings(
        SecurityProfile profile,
        UserIdentity identity,
        Supplier<CompletableFuture<KeyMaterial>> ours,
        TrustSettings trust,
        boolean deprecatedPolicies) {

    /** Whether the session can do without knowing the server's endpoints and certificate. */
    boolean isPlain() {
        return profile.policy() == SecurityProfile.Policy.NONE;
    }
}
