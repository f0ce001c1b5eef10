package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arguments that a method declares in its properties InputArguments and OutputArguments (Part 3, 8.6). */
final class MethodArguments {
    private MethodArguments() {}

    /** One argument. */
    record Declared(String name, ValueType type, String description) {}

    static List<Declared> inputs(Call call, Object methodId) {
        return of(call, methodId, "InputArguments");
    }

    static List<Declared> outputs(Call call, Object methodId) {
        return of(call, methodId, "OutputArguments");
    }

    private static List<Declared> of(Call call, Object methodId, String property) {
        JsonValue value = call.types().property(methodId, property);
        List<Declared> declared = new ArrayList<>();
        for (JsonValue.Obj argument : Shown.objects(value)) {
            if (argument.get("value") instanceof JsonValue.Obj fields) {
                declared.add(declared(call, fields));
            }
        }
        return declared;
    }

    private static Declared declared(Call call, JsonValue.Obj fields) {
        @Nullable JsonValue dataType = fields.get("DataType");
        BigInteger rank = DataTypes.whole(fields.get("ValueRank"));
        int valueRank = rank == null ? ValueType.ANY_RANK : rank.intValue();
        JsonValue description = DataTypes.object(fields.get("Description")).get("text");
        return new Declared(
                Shown.plain(fields.get("Name")),
                dataType == null ? ValueType.of(null) : call.types().of(dataType, valueRank),
                description == null ? "" : Shown.plain(description));
    }
}
