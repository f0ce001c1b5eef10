package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.RequestId;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;

/**
 * {@code cancel}: a peer of protocol 2 does not want the answer to an earlier request any more (protocol, section 7). It takes
 * no right but to be on the same connection.
 */
final class Cancel {
    private Cancel() {}

    /** Answers both requests, that which is cancelled first. */
    static void answer(Request request, Exchange exchange) {
        RequestId own = request.id();
        if (own == null) {
            throw CommandException.invalidArgument(
                    "id",
                    "nothing",
                    "an id: what can be cancelled is on a connection that is kept, which is protocol 2");
        }
        JsonValue target = request.get("target");
        if (target == null) {
            throw CommandException.invalidArgument("target", "nothing", "the id of the request to cancel");
        }
        RequestId id = JsonReader.requestId(target, "target");
        if (id.equals(own)) {
            throw CommandException.invalidArgument("target", target.excerpt(), "the id of another request");
        }
        if (exchange.peer().hasStream(id)) {
            throw CommandException.invalidArgument(
                    "target", target.excerpt() + ", which is a stream", "a request; unsubscribe ends a stream");
        }
        exchange.peer()
                .cancel(id)
                .thenAccept(cancelled -> exchange.respond(Response.success(out -> {
                    out.startObject();
                    out.name("cancelled");
                    out.bool(cancelled);
                    out.endObject();
                })));
    }
}
