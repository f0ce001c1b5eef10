package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.WireTypes;
import java.io.IOException;
import java.util.List;

/**
 * {@code describe}: which methods {@code invoke} takes, and under which names its types travel (protocol, section 6). It
 * is the same for every session: a PHP peer refuses by itself what is not listed.
 */
final class Describe {
    private final List<String> methods;

    /** @param methods the names that {@code invoke} takes */
    Describe(List<String> methods) {
        this.methods = methods;
    }

    Response answer() {
        return Response.success(out -> {
            out.startObject();
            list(out, "methods", methods);
            list(out, "modules", WireTypes.modules());
            list(out, "wireClasses", WireTypes.wireClasses());
            list(out, "enumClasses", WireTypes.enumClasses());
            list(out, "wireTypeIds", WireTypes.wireTypeIds());
            out.endObject();
        });
    }

    private static void list(JsonOutput out, String name, List<String> values) throws IOException {
        out.name(name);
        out.startArray();
        for (String value : values) {
            out.string(value);
        }
        out.endArray();
    }
}
