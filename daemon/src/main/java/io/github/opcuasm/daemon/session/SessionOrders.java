package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.TrustPolicy;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.SessionSettings;
import io.github.opcuasm.protocol.CommandException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What configs ask for, with the files that they name and the settings of this daemon. */
public final class SessionOrders {
    private final MaterialLoader loader;
    private final Supplier<CompletableFuture<KeyMaterial>> own;
    private final TrustPolicy defaultTrust;
    private final boolean deprecatedPolicies;
    private final SecretDigest digest = new SecretDigest();
    private final SessionNames names = new SessionNames();

    /**
     * @param loader reads the files that configs name
     * @param own the daemon's certificate
     */
    public SessionOrders(DaemonConfig config, MaterialLoader loader, Supplier<CompletableFuture<KeyMaterial>> own) {
        this.loader = loader;
        this.own = own;
        this.defaultTrust = trustPolicy(config.defaultTrust());
        this.deprecatedPolicies = config.allowDeprecatedPolicies();
    }

    /**
     * A config whose files have been read.
     *
     * @param owner who asks
     * @param origin what the next daemon would have to know
     * @param materials what its files hold; nothing if they could not be read
     * @param unreadable why they could not; null if they could
     * @param connection by which of the configuration's names it was asked for; null if by none
     * @param handleKey equal for opens that may get the same handle
     * @param daemonsKey of the daemon's own handle that the caller is given as well; else the same
     * @param cacheScope equal for handles that the server shows the same address space; holds no secrets
     */
    record Terms(
            EndpointUrl endpoint,
            SessionConfig config,
            String owner,
            SessionOrigin origin,
            Materials materials,
            @Nullable Throwable unreadable,
            @Nullable String connection,
            String handleKey,
            String daemonsKey,
            String cacheScope) {}

    /** Reads the files; fails with {@code SecurityException} for security that this daemon does not allow. */
    CompletableFuture<Terms> terms(
            EndpointUrl endpoint, SessionConfig config, Caller caller, @Nullable String connection) {
        try {
            requirePolicy(config);
        } catch (CommandException e) {
            return CompletableFuture.failedFuture(e);
        }
        return loader.load(config).handle((materials, failure) -> {
            Materials read = failure == null ? materials : Materials.NONE;
            return new Terms(
                    endpoint,
                    config,
                    caller.name(),
                    new SessionOrigin(
                            endpoint.text(), config, caller.addresses().key()),
                    read,
                    failure == null ? null : OpcUaErrors.unwrap(failure),
                    connection,
                    handleKey(caller.name(), endpoint, config, read),
                    handleKey(caller.sharesWithDaemon() ? Caller.DAEMON : caller.name(), endpoint, config, read),
                    cacheScope(endpoint, config, read));
        });
    }

    /** Fails with {@code SecurityException} for security that this daemon does not allow. */
    void requirePolicy(SessionConfig config) {
        config.requirePolicy(deprecatedPolicies);
    }

    /** Reads files that configs name. */
    MaterialLoader loader() {
        return loader;
    }

    /** Equal for opens that may get the same handle. */
    String handleKey(String owner, EndpointUrl endpoint, SessionConfig config, Materials materials) {
        return owner + "\n" + config.handleKey(endpoint.text(), materials, digest);
    }

    /** Equal for handles that the server shows the same address space; holds no secrets. */
    String cacheScope(EndpointUrl endpoint, SessionConfig config, Materials materials) {
        return config.cacheScope(endpoint.text(), materials, digest);
    }

    /** The session for a handle with this id. */
    SessionOrder order(Terms terms, String handleId, boolean alone, Caller caller, long deadline) {
        return order(
                terms.origin(),
                terms.endpoint(),
                terms.materials(),
                caller.addresses(),
                new SessionOrder.Wanted(
                        caller.name(),
                        owner -> owner.equals(caller.name()) || caller.mayUse(owner),
                        handleId,
                        terms.connection(),
                        alone,
                        deadline));
    }

    /** The session for a handle that has been known for longer. */
    SessionOrder order(
            SessionOrigin origin,
            EndpointUrl endpoint,
            Materials materials,
            AddressFilter addresses,
            SessionOrder.Wanted wanted) {
        SessionConfig config = origin.config();
        String name = config.sessionName();
        return new SessionOrder(
                config.identity(endpoint.text(), addresses.key(), materials, digest),
                new SessionSettings(
                        endpoint,
                        name == null ? names.of(wanted.handleId()) : name,
                        config.applicationName(),
                        config.sessionTimeout(),
                        config.opcuaTimeout(),
                        addresses,
                        config.security(materials, own, defaultTrust, deprecatedPolicies)),
                origin,
                wanted);
    }

    private static TrustPolicy trustPolicy(DaemonConfig.DefaultTrust trust) {
        return switch (trust) {
            case NONE -> TrustPolicy.NONE;
            case FIRST_USE -> TrustPolicy.FIRST_USE;
            case STRICT -> TrustPolicy.FULL;
        };
    }
}
