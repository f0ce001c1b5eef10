package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.access.TouchedNode;
import io.github.opcuasm.daemon.access.Verdict;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code explain}: whether a principal may do something, and why, decided by the code that decides when it is done. About
 * others it needs the scope {@code admin}. Nothing is connected to, no name is resolved and no rate is charged.
 */
final class Explain {
    private static final int MAX_REASON_WEIGHT = 256;

    private final AccessControl access;
    private final HandleRegistry handles;
    private final MethodTable methods;
    private final Authorization authorization;
    private final Openings openings;

    Explain(
            AccessControl access,
            HandleRegistry handles,
            MethodTable methods,
            Authorization authorization,
            Openings openings) {
        this.openings = openings;
        this.access = access;
        this.handles = handles;
        this.methods = methods;
        this.authorization = authorization;
    }

    Response answer(Request request, Principal asking) {
        String as = new Argument("as", request.get("as")).textOrNull();
        boolean readOnly = SessionCommands.flag(request, "readOnlySocket");
        boolean aboutItself = as == null && !readOnly;
        authorization.command(asking, "explain", aboutItself ? Authorization.ANY : Authorization.ADMIN);
        Principal principal = as == null && !readOnly ? asking : supposed(as, asking, readOnly);
        Argument action = new Argument("action", request.get("action"));
        if (principal == null) {
            return answer(
                    as,
                    new Verdict(
                            false,
                            null,
                            List.of(
                                    "a token is needed: there is none of this name, or it has expired, or no rule is for"
                                            + " this user or one of its groups")));
        }
        return answer(principal.name(), verdict(request, action, principal, asking));
    }

    private @Nullable Principal supposed(@Nullable String as, Principal asking, boolean readOnly) {
        try {
            return access.supposed(as == null ? asking.name() : as, readOnly);
        } catch (IllegalArgumentException e) {
            throw CommandException.invalidArgument(
                    "as", as == null ? asking.name() : MethodCalls.cut(as), "user:NAME, token:NAME or anyone");
        }
    }

    private Verdict verdict(Request request, Argument action, Principal principal, Principal asking) {
        String name = action.text();
        MethodTable.Method method = methods.named(name);
        String endpointUrl = new Argument("endpointUrl", request.get("endpointUrl")).textOrNull();
        String connection = new Argument("connection", request.get("connection")).textOrNull();
        if (connection != null && endpointUrl != null) {
            throw CommandException.invalidArgument("connection", "a name beside endpointUrl", "either of them");
        }
        EndpointUrl url = connection != null
                ? openings.named(connection, asking).endpoint()
                : endpointUrl == null ? null : EndpointUrl.parse(endpointUrl);
        NodeReference node = new Argument("nodeId", request.get("nodeId")).nodeIdOrNull();
        String sessionId = new Argument("sessionId", request.get("sessionId")).textOrNull();
        // Asked without a session, they are as good as open.
        boolean asOpen = sessionId == null && DiscoveryMethods.NAMES.contains(name);
        Set<Scope> anyOf = asOpen ? Authorization.USE : method != null ? Set.of(method.scope()) : scopes(action, name);
        if (method != null && Authorization.isWithheld(principal, method)) {
            return new Verdict(
                    false,
                    "the read-only socket",
                    List.of("the read-only socket lets nobody change what others share"));
        }
        boolean connecting =
                name.equals("open") || (method != null && method.targets().isConnecting());
        List<String> namespaceUris = List.of();
        if (sessionId != null) {
            SessionHandle handle = handles.use(sessionId, asking);
            namespaceUris = CallContext.namespaceUris(handle);
            EndpointUrl connected = EndpointUrl.parse(handle.endpointUrl());
            if (method != null && connecting) {
                Verdict there = access.judge(principal, anyOf, connected);
                if (!there.allowed()) {
                    return there;
                }
            }
            url = url == null ? connected : url;
        }
        // Who has a session is connected; who has none must open one first.
        if (url != null && (connecting || sessionId == null)) {
            Verdict reachable = access.judgeConnecting(principal, url);
            if (connecting || !reachable.allowed()) {
                return reachable;
            }
        }
        if (node == null) {
            return url == null ? access.judge(principal, anyOf) : access.judge(principal, anyOf, url);
        }
        TouchedNode touched = TouchedNode.of(node, namespaceUris);
        return url == null ? access.judge(principal, anyOf, touched) : access.judge(principal, anyOf, url, touched);
    }

    private static Set<Scope> scopes(Argument action, String name) {
        return switch (name) {
            case "open", "close", "query", "invoke" -> Authorization.USE;
            case "list", "stats", "describe", "explain" -> Authorization.ANY;
            case "admin", "trust", "certificate" -> Authorization.ADMIN;
            default ->
                throw action.misfit("a command or a method, such as open, read, write, call, getEndpoints or trust");
        };
    }

    private static Response answer(@Nullable String about, Verdict verdict) {
        return new Response.Success(
                out -> {
                    out.startObject();
                    out.name("allowed");
                    out.bool(verdict.allowed());
                    out.name("principal");
                    if (about == null) {
                        out.nullValue();
                    } else {
                        out.string(about);
                    }
                    out.name("rule");
                    String rule = verdict.rule();
                    if (rule == null) {
                        out.nullValue();
                    } else {
                        out.string(rule);
                    }
                    out.name("reasons");
                    out.startArray();
                    for (String reason : verdict.reasons()) {
                        out.string(reason);
                    }
                    out.endArray();
                    out.endObject();
                },
                (long) verdict.reasons().size() * MAX_REASON_WEIGHT);
    }
}
