package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon says of itself ({@code hello}).
 *
 * @param product its name
 * @param version of the program
 * @param protocol the highest that it speaks
 * @param features what it has beyond its protocol; look here rather than at the version
 * @param limits as the daemon's options set them
 */
public record DaemonHello(String product, String version, int protocol, List<String> features, JsonValue.Obj limits) {
    static DaemonHello of(JsonValue data) {
        JsonValue.Obj hello = Answers.object(data, "what hello answers");
        List<String> features = new ArrayList<>();
        if (hello.get("features") instanceof JsonValue.Arr array) {
            for (JsonValue feature : array.elements()) {
                features.add(text(feature));
            }
        }
        return new DaemonHello(
                text(hello.get("product")),
                text(hello.get("version")),
                Math.toIntExact(Answers.whole(
                        hello.get("protocol") instanceof JsonValue.Num number ? number : JsonValue.Null.INSTANCE,
                        "the protocol")),
                List.copyOf(features),
                hello.get("limits") instanceof JsonValue.Obj object ? object : JsonValue.Obj.EMPTY);
    }

    private static String text(@Nullable JsonValue value) {
        return value instanceof JsonValue.Str text ? text.value() : "";
    }
}
