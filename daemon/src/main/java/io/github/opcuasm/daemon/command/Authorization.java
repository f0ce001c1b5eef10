package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.access.TouchedNode;
import io.github.opcuasm.daemon.access.Verdict;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what a principal may not do. First, before anything is looked up, whether it has the scope at all, and not too
 * often; then, when the session is known, whether that holds on its server and for all nodes that are touched. One node
 * that is not allowed refuses the whole request, of which nothing was sent.
 */
final class Authorization {
    /** Everybody who may do anything with sessions. */
    static final Set<Scope> USE = EnumSet.of(Scope.READ, Scope.WRITE, Scope.CALL);

    /** Everybody who may do anything. */
    static final Set<Scope> ANY = EnumSet.allOf(Scope.class);

    static final Set<Scope> ADMIN = EnumSet.of(Scope.ADMIN);

    private static final Set<Scope> READ = EnumSet.of(Scope.READ);

    /** They change what others share, so they are withheld from peers that may only read. */
    private static final Set<String> NOT_READ_ONLY = Set.of("flushCache", "invalidateCache");

    /** They change a session's subscriptions or open files, or take out what another reader waits for. */
    private static final Set<String> ON_OWN_HANDLE = Set.of(
            "createSubscription",
            "deleteSubscription",
            "publish",
            "transferSubscriptions",
            "republish",
            "createMonitoredItems",
            "createEventMonitoredItem",
            "modifyMonitoredItems",
            "setTriggering",
            "deleteMonitoredItems",
            "readFile",
            "getFilePosition",
            "setFilePosition",
            "closeFile");

    private final AccessControl access;

    Authorization(AccessControl access) {
        this.access = access;
    }

    /**
     * Before a command is carried out.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied} or {@code rate_limited}
     */
    void command(Principal principal, String command, Set<Scope> anyOf) {
        require(access.judge(principal, anyOf), command, principal);
        access.charge(principal, false, false);
    }

    /** Whether a principal has the scope {@code admin}; for what tells it more, not for what it may do. */
    boolean isAdministrator(Principal principal) {
        return access.judge(principal, ADMIN).allowed();
    }

    /**
     * Before a server is connected to by a command.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied} or {@code rate_limited}
     */
    void connecting(Principal principal, String command, @Nullable EndpointUrl url) {
        require(
                url == null ? access.judge(principal, USE) : access.judgeConnecting(principal, url),
                command,
                principal);
    }

    /**
     * After a server was connected to that the configuration names: by now it is known what its name resolves to.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}
     */
    void connected(Principal principal, String command, EndpointUrl url) {
        require(access.judge(principal, USE, url), command, principal);
    }

    /**
     * Before a config is used that may make the daemon trust a server by itself. Into a trust store that the caller names it
     * may; the daemon's own holds for everybody, so that changing it takes what {@code trustCertificate} takes.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}
     */
    void accepting(Principal principal, EndpointUrl url, @Nullable JsonValue config) {
        if (principal.isUnrestricted() || !(config instanceof JsonValue.Obj members)) {
            return;
        }
        boolean hasStore = members.get("trustStorePath") instanceof JsonValue.Str path
                && !path.value().isEmpty();
        for (String member : List.of("autoAcceptForce", "autoAccept")) {
            if (!hasStore
                    && members.get(member) instanceof JsonValue.Bool flag
                    && flag.value()
                    && !access.judgeTrusting(principal, url).allowed()) {
                throw new CommandException(
                        ErrorType.ACCESS_DENIED,
                        "open with " + member + " is not allowed to " + principal.name()
                                + ": it changes what the daemon trusts for everybody, which needs the scope admin. Give a"
                                + " trustStorePath of your own beside it, or let an operator trust the certificate");
            }
        }
    }

    /**
     * Before a handle is closed: a peer that may only read closes none that somebody else opened, even where handles are
     * shared.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}
     */
    void closing(Principal principal, SessionHandle handle) {
        if (isOthers(principal, handle)) {
            throw onlyOwn("close", principal);
        }
    }

    private static boolean isOthers(Principal principal, SessionHandle handle) {
        return principal.isReadOnly() && !principal.name().equals(handle.owner());
    }

    private static CommandException onlyOwn(String what, Principal principal) {
        return new CommandException(
                ErrorType.ACCESS_DENIED,
                what + " is not allowed to " + principal.name()
                        + " on somebody else's session: the read-only socket lets nobody do more than read there. Open a"
                        + " session of your own");
    }

    /** Whether a method that only reads is withheld all the same. */
    static boolean isWithheld(Principal principal, MethodTable.Method method) {
        return principal.isReadOnly() && NOT_READ_ONLY.contains(method.name());
    }

    /** Takes a request that connects to a server from the principal's rates. */
    void chargeOpen(Principal principal) {
        access.charge(principal, false, true);
    }

    /**
     * Before the session of a stream is looked for: it takes what reading takes.
     *
     * @param opens whether it may have to be opened first
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied} or {@code rate_limited}
     */
    void streaming(Principal principal, boolean opens) {
        require(access.judge(principal, READ), "subscribe", principal);
        access.charge(principal, false, opens);
    }

    /**
     * When the session of a stream is known, and from time to time while it runs.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}
     */
    void streamingOn(Principal principal, SessionHandle handle) {
        if (!principal.isUnrestricted()) {
            require(access.judge(principal, READ, EndpointUrl.parse(handle.endpointUrl())), "subscribe", principal);
        }
    }

    /**
     * Before the session of a method is looked for.
     *
     * @param opens whether it may have to be opened first
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied} or {@code rate_limited}
     */
    void method(Principal principal, MethodTable.Method method, boolean opens) {
        if (!principal.isUnrestricted()) {
            require(access.judge(principal, Set.of(method.scope())), method.name(), principal);
        }
        if (isWithheld(principal, method)) {
            throw new CommandException(
                    ErrorType.ACCESS_DENIED,
                    method.name() + " is not allowed to " + principal.name()
                            + ": the read-only socket lets nobody change what others share. Use the other socket");
        }
        access.charge(
                principal, method.changesPlant(), opens || method.targets().isConnecting());
    }

    /**
     * When the session of a method is known, before anything is sent.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}; or the error of a parameter that names a
     *     node
     */
    void onServer(Principal principal, MethodTable.Method method, CallContext context, Params params) {
        if (principal.isUnrestricted() && !method.targets().isConnecting()) {
            return;
        }
        if (ON_OWN_HANDLE.contains(method.name()) && isOthers(principal, context.handle())) {
            throw onlyOwn(method.name(), principal);
        }
        EndpointUrl url = EndpointUrl.parse(context.handle().endpointUrl());
        Set<Scope> scope = Set.of(method.scope());
        require(access.judge(principal, scope, url), method.name(), principal);
        String server = method.targets().server(params);
        if (server != null) {
            connecting(principal, method.name(), EndpointUrl.parse(server));
        }
        if (principal.isLimitedToNodes()) {
            List<String> namespaceUris = context.namespaceUris();
            for (NodeReference node : method.targets().nodes(params)) {
                TouchedNode touched = TouchedNode.of(node, namespaceUris);
                require(
                        access.judge(principal, scope, url, touched),
                        method.name() + " of " + touched.text(),
                        principal);
            }
        }
    }

    private static void require(Verdict verdict, String what, Principal principal) {
        if (!verdict.allowed()) {
            throw verdict.refusal(what, principal.name());
        }
    }
}
