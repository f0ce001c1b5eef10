package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads scalars, arrays and matrices of one type as a value rank asks for.
 *
 * <p>The shape is found first, by following the first element of each array as deep as the rank allows; then every row
 * must have the length that the first one of its level has. Where JSON leaves it open what an object is (a value of the
 * type, or an array whose keys PHP did not number from 0), types whose values are objects win.
 */
final class ArrayReader {
    private static final int ANY = -2;
    private static final int SCALAR_OR_ONE_DIMENSION = -3;
    private static final int SCALAR = -1;
    private static final int ONE_OR_MORE_DIMENSIONS = 0;
    private static final BigInteger MAX_LENGTH = BigInteger.valueOf(Integer.MAX_VALUE);

    private final ScalarReader scalars;
    private final BuiltinType type;
    private final String name;

    ArrayReader(ScalarReader scalars, BuiltinType type, String name) {
        this.scalars = scalars;
        this.type = type;
        this.name = name;
    }

    /** Reads {@code type}, {@code value} and {@code dimensions} of a Variant or DataValue. */
    static Variant typed(ErrorType errorType, Members members, String name) {
        ErrorType wrongShape = errorType == ErrorType.ENCODING ? errorType : ErrorType.INVALID_ARGUMENT;
        JsonValue typeJson = members.get("type");
        JsonValue value = members.raw("value");
        if (typeJson == null && value instanceof JsonValue.Null) {
            return Variant.NULL;
        }
        BuiltinType type = Members.builtinType(
                typeJson == null ? JsonValue.Null.INSTANCE : typeJson, members.path("type"), wrongShape);
        if (type == BuiltinType.VARIANT && value instanceof JsonValue.Null) {
            return Variant.NULL;
        }
        String path = members.path("value");
        ArrayReader reader = new ArrayReader(new ScalarReader(errorType, path), type, path);
        JsonValue dimensions = members.get("dimensions");
        if (dimensions != null && !List.of().equals(dimensions.asArray())) {
            return reader.flat(value, dimensions, ANY);
        }
        if (value instanceof JsonValue.Null && !hasNull(type)) {
            return Variant.nullArray(type);
        }
        // In answers arrays are flat: an array in it can only be a mistake.
        return reader.read(value, errorType == ErrorType.ENCODING ? SCALAR_OR_ONE_DIMENSION : ANY);
    }

    Variant read(JsonValue json, int valueRank) {
        if (valueRank < SCALAR_OR_ONE_DIMENSION) {
            throw new IllegalArgumentException("valueRank: got " + valueRank + ", expected at least -3");
        }
        if (json instanceof JsonValue.Null && valueRank >= ONE_OR_MORE_DIMENSIONS) {
            return Variant.nullArray(type);
        }
        if (valueRank != SCALAR
                && valueRank != 1
                && json instanceof JsonValue.Obj object
                && object.get("dimensions") != null
                && object.get("value") != null
                && type != BuiltinType.VARIANT
                && type != BuiltinType.DATA_VALUE) {
            return flat(object.members().get("value"), object.members().get("dimensions"), valueRank);
        }
        if (!isArray(json, valueRank)) {
            if (valueRank >= ONE_OR_MORE_DIMENSIONS || type == BuiltinType.VARIANT) {
                throw scalars.misfit(json, type, expected(valueRank));
            }
            return Variant.scalar(type, scalars.scalar(json, type));
        }
        List<JsonValue> rows = arrayOf(json);
        int maxDepth = valueRank >= 1 ? valueRank : valueRank == SCALAR_OR_ONE_DIMENSION ? 1 : Integer.MAX_VALUE;
        List<Integer> lengths = shape(rows, maxDepth);
        if (valueRank > lengths.size()) {
            if (!lengths.contains(0)) {
                throw scalars.misfit(json, type, expected(valueRank));
            }
            while (lengths.size() < valueRank) {
                lengths.add(0);
            }
        }
        List<JsonValue> flat = rows;
        for (int level = 1; level < lengths.size(); level++) {
            flat = concatenated(flat, lengths.get(level));
        }
        return lengths.size() == 1
                ? Variant.array(type, elements(flat))
                : Variant.matrix(type, elements(flat), lengths);
    }

    private Variant flat(@Nullable JsonValue value, @Nullable JsonValue dimensions, int valueRank) {
        List<JsonValue> elements = value == null ? null : value.asArray();
        List<JsonValue> lengths = dimensions == null ? null : dimensions.asArray();
        if (elements == null || lengths == null || lengths.isEmpty()) {
            throw mismatch("dimensions go with an array, one length for each dimension");
        }
        long product = 1;
        List<Integer> checked = new ArrayList<>(lengths.size());
        for (JsonValue length : lengths) {
            BigInteger whole = length instanceof JsonValue.Num number ? number.whole() : null;
            if (whole == null || whole.signum() < 0 || whole.compareTo(MAX_LENGTH) > 0) {
                throw mismatch("dimensions: got " + length.excerpt() + ", expected lengths of 0 and more");
            }
            checked.add(whole.intValueExact());
            product = Math.min(product * whole.intValueExact(), Integer.MAX_VALUE + 1L);
        }
        if (checked.contains(0)) {
            product = 0;
        }
        if (product != elements.size()) {
            throw mismatch(elements.size() + " elements do not make a matrix of " + checked);
        }
        if (valueRank >= 1 && checked.size() != valueRank) {
            throw mismatch("a matrix of " + checked.size() + " dimensions does not fit " + expected(valueRank));
        }
        if (checked.size() > 1 && valueRank == SCALAR_OR_ONE_DIMENSION) {
            throw mismatch("a matrix does not fit " + expected(valueRank));
        }
        return checked.size() == 1
                ? Variant.array(type, elements(elements))
                : Variant.matrix(type, elements(elements), checked);
    }

    private boolean isArray(JsonValue json, int valueRank) {
        if (valueRank == SCALAR) {
            return false;
        }
        if (json instanceof JsonValue.Arr) {
            return true;
        }
        return json instanceof JsonValue.Obj && (valueRank >= 1 || !isObject(type));
    }

    /** The lengths along the first elements. */
    private List<Integer> shape(List<JsonValue> rows, int maxDepth) {
        List<Integer> lengths = new ArrayList<>();
        lengths.add(rows.size());
        List<JsonValue> level = rows;
        while (lengths.size() < maxDepth && !level.isEmpty() && isRow(level.get(0))) {
            level = arrayOf(level.get(0));
            lengths.add(level.size());
        }
        return lengths;
    }

    private boolean isRow(JsonValue json) {
        return json instanceof JsonValue.Arr || (json instanceof JsonValue.Obj && !isObject(type));
    }

    private List<JsonValue> concatenated(List<JsonValue> rows, int length) {
        List<JsonValue> all = new ArrayList<>();
        for (JsonValue row : rows) {
            List<JsonValue> cells = isRow(row) ? arrayOf(row) : null;
            if (cells == null || cells.size() != length) {
                throw mismatch(
                        "the rows of a matrix differ: got " + row.excerpt() + ", expected an array of " + length);
            }
            all.addAll(cells);
        }
        return all;
    }

    private static List<JsonValue> arrayOf(JsonValue json) {
        List<JsonValue> elements = json.asArray();
        return elements == null ? List.of() : elements;
    }

    /** The elements as values; the common numeric ones without a box for each. */
    private List<?> elements(List<JsonValue> json) {
        int size = json.size();
        switch (type) {
            case INT32 -> {
                int[] array = new int[size];
                Arrays.setAll(array, i -> (Integer) scalars.required(json.get(i), type));
                return ArrayView.ofInts(array);
            }
            case UINT32, INT64 -> {
                long[] array = new long[size];
                Arrays.setAll(array, i -> (Long) scalars.required(json.get(i), type));
                return ArrayView.ofLongs(array);
            }
            case FLOAT -> {
                float[] array = new float[size];
                for (int i = 0; i < size; i++) {
                    array[i] = (Float) scalars.required(json.get(i), type);
                }
                return ArrayView.ofFloats(array);
            }
            case DOUBLE -> {
                double[] array = new double[size];
                Arrays.setAll(array, i -> (Double) scalars.required(json.get(i), type));
                return ArrayView.ofDoubles(array);
            }
            default -> {
                List<@Nullable Object> values = new ArrayList<>(size);
                for (JsonValue element : json) {
                    values.add(scalars.scalar(element, type));
                }
                return Collections.unmodifiableList(values);
            }
        }
    }

    private CommandException mismatch(String reason) {
        return new CommandException(scalars.errorType(), name + ": " + reason);
    }

    private String expected(int valueRank) {
        return switch (valueRank) {
            case SCALAR -> "a scalar";
            case SCALAR_OR_ONE_DIMENSION -> "a scalar or an array of one dimension";
            case ONE_OR_MORE_DIMENSIONS -> "an array";
            case ANY -> type == BuiltinType.VARIANT ? "an array" : "anything";
            case 1 -> "an array of one dimension";
            default -> "an array of " + valueRank + " dimensions";
        };
    }

    private static boolean isObject(BuiltinType type) {
        return switch (type) {
            case DATE_TIME,
                    NODE_ID,
                    EXPANDED_NODE_ID,
                    QUALIFIED_NAME,
                    LOCALIZED_TEXT,
                    EXTENSION_OBJECT,
                    DATA_VALUE,
                    VARIANT -> true;
            default -> false;
        };
    }

    private static boolean hasNull(BuiltinType type) {
        return switch (type) {
            case BOOLEAN, SBYTE, BYTE, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, GUID, STATUS_CODE ->
                false;
            default -> true;
        };
    }
}
