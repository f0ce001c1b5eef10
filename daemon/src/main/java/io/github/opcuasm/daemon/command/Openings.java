package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.Principal;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.NamedConnections;
import io.github.opcuasm.daemon.session.NamedConnections.Connection;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which server a request means, by {@code endpointUrl} and {@code config} or by the name of a configured
 * {@code connection}, and opening it.
 *
 * <p>The rules for endpoints hold for a name as for its URL. Where it leads is the configuration's choice, not the caller's:
 * whoever may use it shares the OPC UA session of all who use it, and a grant for a range of addresses is judged by what
 * was connected to.
 */
final class Openings {
    private static final String ENDPOINT_URL = "endpointUrl";
    private static final String CONNECTION = "connection";
    private static final int MAX_LISTED = 10;

    private final HandleRegistry handles;
    private final NamedConnections connections;
    private final AccessControl access;
    private final Authorization authorization;
    private final AddressFilter configured;

    Openings(HandleRegistry handles, NamedConnections connections, AccessControl access, Authorization authorization) {
        this.handles = handles;
        this.connections = connections;
        this.access = access;
        this.authorization = authorization;
        this.configured = access.daemon().addresses();
    }

    /**
     * A server that the caller may connect to.
     *
     * @param config holds secrets
     * @param given the config as the caller gave it; null if it gave none, or a name
     * @param connection its name; null if a URL was given
     */
    record Server(
            EndpointUrl endpoint,
            SessionConfig config,
            @Nullable JsonValue given,
            @Nullable String connection) {
        /** Never shows the config. */
        @Override
        public String toString() {
            return "Server[" + endpoint.text() + "]";
        }
    }

    /** Whether a request names a server, as an alternative to a session. */
    static boolean namesServer(Request request) {
        return request.get(ENDPOINT_URL) != null || request.get(CONNECTION) != null;
    }

    /**
     * The server that a request names.
     *
     * @param what the caller wants there, for refusals
     * @throws CommandException {@code invalid_argument}, {@code ConfigurationException}, {@code SecurityException},
     *     {@code access_denied}
     */
    Server server(Request request, Principal principal, String what) {
        JsonValue name = request.get(CONNECTION);
        if (name == null) {
            JsonValue url = request.get(ENDPOINT_URL);
            if (!(url instanceof JsonValue.Str text)) {
                throw noServer(request, url);
            }
            EndpointUrl endpoint = EndpointUrl.parse(text.value());
            authorization.connecting(principal, what, endpoint);
            JsonValue config = request.get("config");
            return new Server(endpoint, SessionConfig.parse(config), config, null);
        }
        refuseBeside(request, ENDPOINT_URL, "either of them: a connection has its own endpoint");
        if (!isEmpty(request.get("config"))) {
            refuseBeside(request, "config", "either of them: a connection has its own config");
        }
        Connection found = named(new Argument(CONNECTION, name).text(), principal);
        authorization.connecting(principal, what, found.endpoint());
        return new Server(found.endpoint(), found.config(), null, found.name());
    }

    /**
     * The connection of this name, whoever may use it.
     *
     * @param asking whose connections an error may name
     * @throws CommandException {@code invalid_argument}
     */
    Connection named(String name, Principal asking) {
        Connection found = connections.named(name);
        if (found == null) {
            throw unknown(name, asking);
        }
        return found;
    }

    /**
     * Opens it, or finds a handle of the caller's or the daemon's.
     *
     * @param bound how long the caller can wait
     * @return fails with a {@link CommandException}. Completed from outside, the open is withdrawn
     */
    CompletableFuture<HandleRegistry.Opened> open(
            Server server, boolean forceNew, Principal principal, Duration bound) {
        String connection = server.connection();
        if (connection == null) {
            authorization.accepting(principal, server.endpoint(), server.given());
            return handles.open(server.endpoint(), server.config(), forceNew, principal, null, bound);
        }
        CompletableFuture<HandleRegistry.Opened> opening = handles.open(
                server.endpoint(), server.config(), forceNew, new ByName(principal, configured), connection, bound);
        CompletableFuture<HandleRegistry.Opened> checked = new CompletableFuture<>();
        opening.whenComplete((opened, failure) -> {
            if (opened == null) {
                checked.completeExceptionally(OpcUaErrors.unwrap(Objects.requireNonNull(failure)));
                return;
            }
            try {
                authorization.connected(principal, "open", server.endpoint());
            } catch (CommandException e) {
                checked.completeExceptionally(e);
            }
            if (!checked.complete(opened)) {
                handles.abandon(opened);
            }
        });
        checked.whenComplete((opened, failure) -> {
            if (failure != null) {
                opening.completeExceptionally(failure);
            }
        });
        return checked;
    }

    /** A principal that goes where the configuration leads it. */
    private record ByName(Principal principal, AddressFilter addresses) implements Caller {
        @Override
        public String name() {
            return principal.name();
        }

        @Override
        public boolean mayUse(String owner) {
            return principal.mayUse(owner);
        }

        @Override
        public boolean sharesWithDaemon() {
            return principal.sharesWithDaemon();
        }
    }

    private static CommandException noServer(Request request, @Nullable JsonValue url) {
        String hint = request.members().members().keySet().stream()
                .filter(member -> !member.equals(ENDPOINT_URL) && !member.equals(CONNECTION))
                .flatMap(member -> NearestName.to(member, List.of(ENDPOINT_URL, CONNECTION)).stream()
                        .map(near -> "; did you mean " + near + " by " + MethodCalls.cut(member) + "?"))
                .findFirst()
                .orElse("");
        return new CommandException(
                ErrorType.CONFIGURATION,
                ENDPOINT_URL + ": got " + (url == null ? "nothing" : url.excerpt())
                        + ", expected opc.tcp://host[:port][/path], or a connection's name in " + CONNECTION + hint);
    }

    private static void refuseBeside(Request request, String member, String expected) {
        if (request.get(member) != null) {
            throw CommandException.invalidArgument(CONNECTION, "a name beside " + member, expected);
        }
    }

    /** An empty config says nothing; PHP writes it as an array. */
    private static boolean isEmpty(@Nullable JsonValue config) {
        return config == null
                || (config instanceof JsonValue.Obj object && object.members().isEmpty())
                || (config instanceof JsonValue.Arr array && array.elements().isEmpty());
    }

    /** Names only what the caller may connect to. */
    private CommandException unknown(String name, Principal asking) {
        List<String> usable = connections.all().stream()
                .filter(connection ->
                        access.judgeConnecting(asking, connection.endpoint()).allowed())
                .map(Connection::name)
                .toList();
        Optional<String> nearest = NearestName.to(name, usable);
        String wayOut = nearest.map(near -> "; did you mean " + near + "?")
                .orElse(
                        usable.isEmpty()
                                ? "; it names none that you may use"
                                : "; it names "
                                        + String.join(", ", usable.subList(0, Math.min(MAX_LISTED, usable.size())))
                                        + (usable.size() > MAX_LISTED ? " and others" : ""));
        return CommandException.invalidArgument(
                CONNECTION,
                "'" + MethodCalls.cut(name) + "'",
                "the name of a connection in the daemon's configuration" + wayOut);
    }
}
