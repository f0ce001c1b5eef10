package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.access.TouchedNode;
import io.github.opcuasm.daemon.access.Verdict;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
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

    /** Takes a request that connects to a server from the principal's rates. */
    void chargeOpen(Principal principal) {
        access.charge(principal, false, true);
    }

    /**
     * Before the session of a method is looked for.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied} or {@code rate_limited}
     */
    void method(Principal principal, MethodTable.Method method) {
        require(access.judge(principal, Set.of(method.scope())), method.name(), principal);
        access.charge(principal, method.changesPlant(), method.targets().isConnecting());
    }

    /**
     * When the session of a method is known, before anything is sent.
     *
     * @throws io.github.opcuasm.protocol.CommandException {@code access_denied}; or the error of a parameter that names a
     *     node
     */
    void onServer(Principal principal, MethodTable.Method method, CallContext context, Params params) {
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
