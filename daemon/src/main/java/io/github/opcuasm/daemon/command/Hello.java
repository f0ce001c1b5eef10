package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.ipc.IpcPeer;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code hello}: a peer of protocol 2 says how it wants answers, and learns whom it talks to (protocol, section 7). */
final class Hello {
    private static final List<String> FEATURES =
            List.of("id", "timeoutMs", "int64", "connections", "one-shot", "streams", "cancel", "stats");

    private final DaemonConfig config;
    private final String version;

    Hello(DaemonConfig config, String version) {
        this.config = config;
        this.version = version;
    }

    Response answer(Request request, IpcPeer peer) {
        boolean int64AsString = int64AsString(request.get("int64"));
        peer.setStyle(new JsonStyle(2, int64AsString));
        return Response.success(out -> {
            out.startObject();
            out.name("product");
            out.string("opcua-session-manager");
            out.name("version");
            out.string(version);
            out.name("protocol");
            out.number(2);
            out.name("limits");
            out.startObject();
            out.name("maxFrameBytes");
            out.number(config.maxFrameBytes());
            out.name("maxInflight");
            out.number(config.maxInflight());
            out.name("maxSessions");
            out.number(config.maxSessions());
            out.endObject();
            out.name("features");
            out.startArray();
            for (String feature : FEATURES) {
                out.string(feature);
            }
            out.endArray();
            out.endObject();
        });
    }

    private static boolean int64AsString(@Nullable JsonValue value) {
        if (value == null) {
            return false;
        }
        if (value instanceof JsonValue.Str text
                && (text.value().equals("string") || text.value().equals("number"))) {
            return text.value().equals("string");
        }
        throw CommandException.invalidArgument("int64", value.excerpt(), "\"number\" or \"string\"");
    }
}
