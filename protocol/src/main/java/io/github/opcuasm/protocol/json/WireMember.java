package io.github.opcuasm.protocol.json;

/**
 * One member of a typed value: what it is called there and in the plain shape, and what it holds.
 *
 * @param required whether it must be there; else it is null in the plain shape
 */
record WireMember(String wireName, String plainName, Kind kind, boolean required) {

    /** What a member holds once typed values in it are read. */
    enum Kind {
        ANY("a value"),
        OBJECT("an object"),
        NODE_ID("a NodeId"),
        VARIANT("a Variant"),
        TEXT("a string"),
        WHOLE("an integer"),
        NUMBER("a number"),
        FLAG("true or false"),
        LIST("an array");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }

        String expected() {
            return expected;
        }

        boolean holds(JsonValue value) {
            return switch (this) {
                case ANY -> true;
                case OBJECT -> value.asObject() != null;
                // Plain text stands for a NodeId too.
                case NODE_ID ->
                    value instanceof JsonValue.Str
                            || (value instanceof JsonValue.Obj id && (id.get("id") != null || id.get("v") != null));
                case VARIANT -> {
                    JsonValue.Obj variant = value.asObject();
                    yield variant != null
                            && (variant.get("type") == null || variant.get("type") instanceof JsonValue.Num);
                }
                case TEXT -> value instanceof JsonValue.Str;
                case WHOLE -> value instanceof JsonValue.Num number && number.whole() != null;
                // Beyond the finite ones there are "NaN", "Infinity" and "-Infinity".
                case NUMBER -> value instanceof JsonValue.Num || value instanceof JsonValue.Str;
                case FLAG -> value instanceof JsonValue.Bool;
                case LIST -> value.asArray() != null;
            };
        }
    }

    static WireMember required(String wireName, String plainName, Kind kind) {
        return new WireMember(wireName, plainName, kind, true);
    }

    static WireMember optional(String wireName, String plainName, Kind kind) {
        return new WireMember(wireName, plainName, kind, false);
    }
}
