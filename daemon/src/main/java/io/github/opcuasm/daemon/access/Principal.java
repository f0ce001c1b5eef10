package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.session.Caller;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf requests are carried out: a user of the machine, a named token, the all-powerful one, or nobody in
 * particular. Its name owns its handles; a peer on the read-only socket is another principal than the same user on the
 * other one, or it could close what may write.
 */
public final class Principal implements Caller {
    private static final Set<Scope> READ_ONLY = Set.of(Scope.READ);
    private static final String ON_READ_ONLY_SOCKET = "@read-only";

    private final Kind kind;
    private final String id;
    private final String name;
    private final LocalPeer peer;
    private final List<AppliedGrant> grants;
    private final boolean seesAll;
    private final AddressJudge addresses;
    private final boolean unrestricted;
    private @Nullable AddressFilter filter;

    /** How it was recognised. */
    public enum Kind {
        ANYONE,
        USER,
        TOKEN,
        /** The single {@code --auth-token}. */
        AUTH_TOKEN;

        private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** As the protocol and logs have it: {@code auth-token}. */
        public String text() {
            return text;
        }
    }

    Principal(
            Kind kind, String id, LocalPeer peer, List<AppliedGrant> grants, boolean seesAll, AddressJudge addresses) {
        this.kind = kind;
        this.id = id;
        this.name =
                (id.isEmpty() ? kind.text() : kind.text() + ":" + id) + (peer.readOnly() ? ON_READ_ONLY_SOCKET : "");
        this.peer = peer;
        this.grants = grants;
        this.seesAll = seesAll;
        this.addresses = addresses;
        this.unrestricted = !peer.readOnly() && grants.stream().anyMatch(Principal::isEverything);
    }

    private static boolean isEverything(AppliedGrant applied) {
        Grant grant = applied.grant();
        return grant.scopes().containsAll(Grant.ALL.scopes())
                && grant.endpoints().contains(EndpointPattern.ALL)
                && grant.nodes().contains(NodePattern.ALL);
    }

    public Kind kind() {
        return kind;
    }

    /** The peer's user; null over TCP. */
    public @Nullable String user() {
        return peer.user();
    }

    /** The peer's primary group; null over TCP. */
    public @Nullable String group() {
        return peer.group();
    }

    /** The name of the token that it showed, never the token; null if it showed none of the named ones. */
    public @Nullable String token() {
        return kind == Kind.TOKEN ? id : null;
    }

    /** {@code user:www-data}, {@code token:hmi}, {@code auth-token}, {@code anyone}. */
    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean mayUse(String owner) {
        return seesAll || name.equals(owner) || (unrestricted && owner.equals(DAEMON));
    }

    /** Whoever is limited gets a handle of its own, so that what it may do to one is decided in one place. */
    @Override
    public boolean sharesWithDaemon() {
        return unrestricted;
    }

    @Override
    public AddressFilter addresses() {
        AddressFilter known = filter;
        if (known == null) {
            // Two threads may both make one; they decide alike.
            known = addresses.filterFor(this);
            filter = known;
        }
        return known;
    }

    /** Whether it came on the socket whose peers may only read. */
    public boolean isReadOnly() {
        return peer.readOnly();
    }

    List<AppliedGrant> grants() {
        return grants;
    }

    /** Whether the grant gives any of the scopes, as far as the socket lets it. */
    boolean has(Grant grant, Set<Scope> anyOf) {
        for (Scope scope : grant.scopes()) {
            if (anyOf.contains(scope) && (!isReadOnly() || READ_ONLY.contains(scope))) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of its grants is for everything there is: then nothing but its rates, and where it connects, is judged. */
    public boolean isUnrestricted() {
        return unrestricted;
    }

    /** Whether what it may write and call depends on the node. */
    public boolean isLimitedToNodes() {
        for (AppliedGrant applied : grants) {
            if (!applied.grant().nodes().contains(NodePattern.ALL)) {
                return true;
            }
        }
        return false;
    }

    /** Whether what it may do depends on the server. */
    boolean isLimitedToEndpoints() {
        for (AppliedGrant applied : grants) {
            if (!applied.grant().endpoints().contains(EndpointPattern.ALL)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return name;
    }
}
