package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts bodies in the place of structures that a request gives by their fields, wherever in a value they stand, and
 * checks the numbers of enumerations. Where fields come beside a body, they must say the same, and the body is sent.
 *
 * <p>One attempt, without asking anybody: types that are needed and not known are collected, and then what came out is of
 * no use; with those types a new attempt is made. What does not fit is {@code WriteTypeMismatchException} and names the
 * place: {@code value.motor.speed}. Used once, by one thread.
 */
final class RequestEncoder {
    private final Types types;
    private final ServerTypes decoding;
    private final Set<NodeId> missing = new LinkedHashSet<>();

    /** Where shapes are looked up. */
    interface Types {
        /**
         * The structure with this id, of the type or an encoding; null if it is not known.
         *
         * @param missing takes the id if it may become known
         */
        @Nullable
        StructureShape find(NodeId typeId, Set<NodeId> missing);
    }

    RequestEncoder(Types types, ServerTypes decoding) {
        this.types = types;
        this.decoding = decoding;
    }

    /** Types without which the result is not complete. */
    Set<NodeId> missing() {
        return missing;
    }

    /** @param declared what the variable or argument takes; null if unknown */
    Variant variant(Variant variant, @Nullable ValueType declared, String path) {
        if (declared instanceof ValueType.Enumeration enumeration && variant.type() == BuiltinType.INT32) {
            checkNumbers(enumeration, variant.value(), path);
            return variant;
        }
        BuiltinType type = variant.type();
        if (type == null || !mayHoldStructures(type) || variant.value() == null) {
            return variant;
        }
        Object value = variant.value();
        Object encoded = value instanceof List<?> list ? elements(list, declared, path) : scalar(value, declared, path);
        return isSame(encoded, value) ? variant : new Variant(type, encoded, variant.dimensions());
    }

    /** The fields of a structure of a known type. */
    StructureValue structure(StructureShape shape, JsonValue json, String path) {
        JsonValue.Obj given = json.asObject();
        if (given == null) {
            throw misfit(path, json.excerpt(), "an object with the fields of " + shape);
        }
        StructureValue.Builder fields = shape.layout().builder();
        List<StructureShape.Field> declared = shape.fields();
        int met = 0;
        for (int i = 0; i < declared.size(); i++) {
            StructureShape.Field field = declared.get(i);
            JsonValue value = given.members().get(field.name());
            if (value != null) {
                met++;
                fields.set(i, field(field, value, path + "." + field.name()));
            } else if (shape.kind() != StructureShape.Kind.UNION && !field.optional()) {
                throw misfit(path + "." + field.name(), "nothing", expected(field));
            }
        }
        if (met < given.members().size()) {
            throw unknownMember(shape, given, path);
        }
        if (shape.kind() == StructureShape.Kind.UNION && met > 1) {
            throw misfit(path, met + " members", "one, or none for the null union");
        }
        return fields.build();
    }

    private static CommandException unknownMember(StructureShape shape, JsonValue.Obj given, String path) {
        Set<String> names = new LinkedHashSet<>(given.members().keySet());
        shape.fields().forEach(field -> names.remove(field.name()));
        String names100 = String.join(
                ", ", shape.fields().stream().map(StructureShape.Field::name).toList());
        String known = names100.length() > 200 ? names100.substring(0, 199) + "…" : names100;
        return misfit(
                path + "." + names.iterator().next(), "a member that " + shape + " does not have", "among " + known);
    }

    private @Nullable Object field(StructureShape.Field field, JsonValue json, String path) {
        if (field.valueRank() > 1) {
            return json instanceof JsonValue.Null ? null : matrix(field, json, path);
        }
        if (field.type() instanceof StructureShape shape) {
            if (field.valueRank() < 1) {
                return structure(shape, json, path);
            }
            return json instanceof JsonValue.Null ? null : structures(shape, array(json, path), path);
        }
        BuiltinType type = field.type().builtinType();
        if (field.valueRank() == 1) {
            Variant read = ValueReader.readVariant(json, type, 1, path);
            return read.isNullArray() ? null : variant(read, field.type(), path).elements();
        }
        if (type == BuiltinType.DIAGNOSTIC_INFO && json instanceof JsonValue.Null) {
            return null;
        }
        Object value = ValueReader.readScalar(json, type, path);
        if (field.type() instanceof ValueType.Enumeration enumeration) {
            checkNumbers(enumeration, value, path);
        }
        return value == null ? null : scalar(value, null, path);
    }

    /** Nested arrays, or flat with {@code dimensions}. */
    private StructureValue matrix(StructureShape.Field field, JsonValue json, String path) {
        List<Integer> dimensions = new ArrayList<>();
        List<JsonValue> flat;
        String elementsPath = path;
        if (json instanceof JsonValue.Obj object && object.members().containsKey("dimensions")) {
            if (object.members().size() != 2 || object.get("value") == null || object.get("dimensions") == null) {
                throw misfit(path, json.excerpt(), "{\"value\",\"dimensions\"}");
            }
            elementsPath = path + ".value";
            flat = array(object.members().get("value"), elementsPath);
            Variant lengths = ValueReader.readVariant(
                    object.members().get("dimensions"), BuiltinType.UINT32, 1, path + ".dimensions");
            lengths.elements().forEach(length -> dimensions.add((int) Math.min((Long) length, Integer.MAX_VALUE)));
        } else {
            flat = List.of(json);
            for (int level = 0; level < field.valueRank(); level++) {
                List<JsonValue> rows = new ArrayList<>();
                int length = flat.isEmpty() ? 0 : array(flat.get(0), path).size();
                for (JsonValue row : flat) {
                    List<JsonValue> cells = array(row, path);
                    if (cells.size() != length) {
                        throw misfit(path, cells.size() + " elements in a row", length + " as in the first");
                    }
                    rows.addAll(cells);
                }
                dimensions.add(length);
                flat = rows;
            }
        }
        checkDimensions(field, flat.size(), dimensions, path);
        ValueType type = field.type();
        if (type instanceof StructureShape shape) {
            return StructureValue.matrix(null, structures(shape, flat, elementsPath), dimensions);
        }
        Variant read = ValueReader.readVariant(new JsonValue.Arr(flat), type.builtinType(), 1, elementsPath);
        List<?> elements = variant(read, type, elementsPath).elements();
        return StructureValue.matrix(type.builtinType(), elements, dimensions);
    }

    private static void checkDimensions(
            StructureShape.Field field, int elements, List<Integer> dimensions, String path) {
        long product = dimensions.isEmpty() ? 0 : 1;
        for (int length : dimensions) {
            product = length != 0 && product > Integer.MAX_VALUE / length ? Integer.MAX_VALUE + 1L : product * length;
        }
        if (dimensions.contains(0)) {
            product = 0;
        }
        boolean empty = dimensions.isEmpty() && elements == 0;
        if (product != elements || (dimensions.size() != field.valueRank() && !empty)) {
            throw misfit(
                    path,
                    elements + " elements for dimensions " + dimensions,
                    field.valueRank() + " dimensions, with as many elements as their product");
        }
    }

    private List<StructureValue> structures(StructureShape shape, List<JsonValue> json, String path) {
        List<StructureValue> all = new ArrayList<>(json.size());
        for (int i = 0; i < json.size(); i++) {
            all.add(structure(shape, json.get(i), path + "[" + i + "]"));
        }
        return Collections.unmodifiableList(all);
    }

    private static List<JsonValue> array(@Nullable JsonValue json, String path) {
        List<JsonValue> elements = json == null ? null : json.asArray();
        if (elements == null) {
            throw misfit(path, json == null ? "nothing" : json.excerpt(), "an array");
        }
        return elements;
    }

    private List<?> elements(List<?> list, @Nullable ValueType declared, String path) {
        List<@Nullable Object> encoded = new ArrayList<>(list.size());
        boolean changed = false;
        for (int i = 0; i < list.size(); i++) {
            Object element = list.get(i);
            Object replaced = element == null ? null : scalar(element, declared, path + "[" + i + "]");
            changed |= !isSame(replaced, element);
            encoded.add(replaced);
        }
        return changed ? Collections.unmodifiableList(encoded) : list;
    }

    private Object scalar(Object value, @Nullable ValueType declared, String path) {
        if (value instanceof ExtensionObject object) {
            return object(object, declared, path);
        } else if (value instanceof Variant variant) {
            return variant(variant, null, path + ".value");
        } else if (value instanceof DataValue dataValue) {
            Variant encoded = variant(dataValue.variant(), null, path + ".value");
            return isSame(encoded, dataValue.variant())
                    ? dataValue
                    : new DataValue(
                            encoded, dataValue.statusCode(), dataValue.sourceTimestamp(), dataValue.serverTimestamp());
        }
        return value;
    }

    private ExtensionObject object(ExtensionObject object, @Nullable ValueType declared, String path) {
        JsonValue fields = ValueReader.fieldsToEncode(object);
        if (fields == null) {
            return object;
        }
        boolean bare = object.typeId().isNull();
        StructureShape shape;
        if (bare) {
            if (!(declared instanceof StructureShape known)) {
                throw misfit(
                        path,
                        fields.excerpt(),
                        "{\"typeId\",\"value\"} or {\"typeId\",\"encoding\",\"body\"}, because nothing else tells which"
                                + " structure it is");
            }
            shape = known;
        } else {
            shape = types.find(object.typeId(), missing);
            if (shape == null) {
                if (missing.contains(object.typeId())) {
                    return ExtensionObject.NULL;
                }
                throw misfit(
                        path + ".typeId",
                        object.typeId().toString(),
                        "a structure that the server describes; else give its body alone");
            }
        }
        StructureValue value = structure(shape, fields, bare ? path : path + ".value");
        if (!missing.isEmpty()) {
            return ExtensionObject.NULL;
        }
        ByteString body = object.body();
        if (body != null) {
            checkSame(shape, body, value, path + ".value");
            return new ExtensionObject(object.typeId(), object.encoding(), body, null);
        }
        if (shape.encodingId().isNull()) {
            throw misfit(path, shape.toString(), "a type whose binary encoding the server names; else give its body");
        }
        return new ExtensionObject(shape.encodingId(), 1, new StructureEncoder().encode(shape, value), null);
    }

    private void checkSame(StructureShape shape, ByteString body, StructureValue value, String path) {
        StructureValue decoded;
        try {
            decoded = new StructureDecoder(body.toByteArray(), decoding, 0).decode(shape);
        } catch (RuntimeException e) {
            throw misfit(path, "fields beside a body that is no " + shape, "one of the two, or both saying the same");
        }
        String difference = DecodedValues.difference(decoded, value, path);
        if (difference != null) {
            throw misfit(difference, "another value than the body has", "one of the two, or both saying the same");
        }
    }

    private static void checkNumbers(ValueType.Enumeration enumeration, @Nullable Object value, String path) {
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                checkNumbers(enumeration, list.get(i), path + "[" + i + "]");
            }
        } else if (value instanceof Integer number && !enumeration.allows(number)) {
            String numbers =
                    enumeration.constants().stream().sorted().limit(20).toList().toString();
            throw misfit(path, number.toString(), "a number of the enumeration: " + numbers);
        }
    }

    /** What has not been touched is handed on as it is. */
    private static boolean isSame(@Nullable Object left, @Nullable Object right) {
        return left == right;
    }

    private static boolean mayHoldStructures(BuiltinType type) {
        return type == BuiltinType.EXTENSION_OBJECT || type == BuiltinType.VARIANT || type == BuiltinType.DATA_VALUE;
    }

    private static String expected(StructureShape.Field field) {
        String one = field.type() instanceof StructureShape shape
                ? "the fields of " + shape
                : field.type().builtinType().displayName();
        return field.valueRank() < 1 ? one : "an array of " + one;
    }

    private static CommandException misfit(String path, String got, String expected) {
        return new CommandException(ErrorType.WRITE_TYPE_MISMATCH, path + ": got " + got + ", expected " + expected);
    }
}
