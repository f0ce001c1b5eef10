package io.github.opcuasm.client;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns one Variant into Java's classes ({@link TypedValue}). Numbers go by way of their exact decimal: what does not come
 * back as the same number does not fit. Null stands for no value, and goes where null can go.
 */
final class Conversion {
    /** A matrix without elements may have any number of rows: so many are made of nothing. */
    private static final long MOST_EMPTY_ROWS = 65_536;

    private static final Map<Class<?>, Class<?>> BOXES = Map.of(
            boolean.class, Boolean.class,
            byte.class, Byte.class,
            short.class, Short.class,
            int.class, Integer.class,
            long.class, Long.class,
            float.class, Float.class,
            double.class, Double.class,
            char.class, Character.class);

    private final String name;
    private final Variant variant;

    /** @param name for messages: the node */
    Conversion(String name, Variant variant) {
        this.name = name;
        this.variant = variant;
    }

    @SuppressWarnings("unchecked") // of a primitive class the box, which Class.cast would refuse
    <T> @Nullable T to(Class<T> target) {
        return (T) whole(target);
    }

    <T> List<@Nullable T> toList(Class<T> elementType) {
        if (!variant.isArray() || isMatrix()) {
            throw unfit(variant.value(), "a list: " + (isMatrix() ? "ask for an array of arrays" : "it is no array"));
        }
        List<@Nullable T> all = new ArrayList<>(variant.elements().size());
        for (Object element : variant.elements()) {
            all.add(element(element, elementType));
        }
        return Collections.unmodifiableList(all);
    }

    private @Nullable Object whole(Class<?> target) {
        Object value = variant.value();
        if (target == Variant.class) {
            return variant;
        } else if (value == null) {
            return null;
        } else if (value instanceof List<?> none && none.isEmpty() && emptyRows(dimensions()) > MOST_EMPTY_ROWS) {
            throw unfit(value, target.getSimpleName() + ": too many rows without elements, ask for Variant.class");
        } else if (target == JsonValue.class || JsonValue.class == target.getSuperclass()) {
            return json(value);
        } else if (!(value instanceof List<?> elements)) {
            return scalar(value, target);
        } else if (target == Object.class || target == List.class) {
            return isMatrix() ? nested(elements, dimensions(), 0, 0) : elements;
        } else if (target == byte[].class && variant.type() == BuiltinType.BYTE && !isMatrix()) {
            return octets(elements);
        } else if (target.isArray()) {
            return array(elements, dimensions(), 0, 0, target);
        }
        throw unfit(value, target.getSimpleName() + ": it is an array, ask for " + target.getSimpleName() + "[].class");
    }

    private JsonValue json(Object value) {
        return value instanceof List<?> elements && isMatrix()
                ? Json.of(nested(elements, dimensions(), 0, 0))
                : Json.of(value);
    }

    private boolean isMatrix() {
        return variant.dimensions() != null && variant.dimensions().size() > 1;
    }

    private List<Integer> dimensions() {
        List<Integer> dimensions = variant.dimensions();
        return dimensions == null || dimensions.size() < 2
                ? List.of(variant.elements().size())
                : dimensions;
    }

    /** How many arrays a matrix without elements consists of, at least: the dimensions before the one of length 0. */
    private static long emptyRows(List<Integer> dimensions) {
        long rows = 1;
        for (int length : dimensions) {
            if (length == 0 || rows > MOST_EMPTY_ROWS) {
                return rows;
            }
            rows *= length; // both below 2^31
        }
        return rows;
    }

    /** The part of a matrix that begins at {@code from}, along its dimension {@code level}. */
    private static List<?> nested(List<?> flat, List<Integer> dimensions, int level, int from) {
        int length = dimensions.get(level);
        if (level == dimensions.size() - 1) {
            return flat.subList(from, from + length);
        }
        int step = step(dimensions, level);
        List<Object> rows = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            rows.add(nested(flat, dimensions, level + 1, from + i * step));
        }
        return Collections.unmodifiableList(rows);
    }

    private Object array(List<?> flat, List<Integer> dimensions, int level, int from, Class<?> target) {
        Class<?> component = target.getComponentType();
        if (component == null) {
            throw unfit(flat, "an array of " + level + " dimensions: it has " + dimensions.size());
        }
        int length = dimensions.get(level);
        Object array = Array.newInstance(component, length);
        boolean last = level == dimensions.size() - 1;
        int step = last ? 1 : step(dimensions, level);
        for (int i = 0; i < length; i++) {
            Object element = last
                    ? element(flat.get(from + i), component)
                    : array(flat, dimensions, level + 1, from + i * step, component);
            if (element == null && component.isPrimitive()) {
                throw unfit(flat, component + "[]: an element has no value");
            }
            Array.set(array, i, element);
        }
        return array;
    }

    /** How many elements lie behind one index of this dimension. */
    private static int step(List<Integer> dimensions, int level) {
        int step = 1;
        for (int length : dimensions.subList(level + 1, dimensions.size())) {
            step *= length;
        }
        return step;
    }

    @SuppressWarnings("unchecked") // as in to()
    private <T> @Nullable T element(@Nullable Object value, Class<T> target) {
        return value == null ? null : (T) scalar(value, target);
    }

    private static byte[] octets(List<?> elements) {
        byte[] octets = new byte[elements.size()];
        for (int i = 0; i < octets.length; i++) {
            octets[i] = ((Number) elements.get(i)).byteValue();
        }
        return octets;
    }

    private @Nullable Object scalar(Object value, Class<?> target) {
        Class<?> boxed = BOXES.getOrDefault(target, target);
        if (value instanceof DateTime time && time.isNull() && boxed != DateTime.class) {
            return null;
        } else if (boxed.isInstance(value)) {
            return value;
        } else if (boxed == JsonValue.class) {
            return Json.of(value);
        } else if (value instanceof Number number) {
            return boxed.isEnum() ? constant(number, boxed) : number(number, boxed, target);
        } else if (value instanceof DateTime time && boxed == Instant.class) {
            return time.toInstant();
        } else if (value instanceof ByteString bytes && boxed == byte[].class) {
            return bytes.toByteArray();
        } else if (value instanceof XmlElement xml && boxed == String.class) {
            return xml.fragment();
        } else if (value instanceof ExpandedNodeId id && boxed == NodeId.class && id.isLocal()) {
            return id.nodeId();
        } else if (value instanceof NodeId id && boxed == ExpandedNodeId.class) {
            return ExpandedNodeId.local(id);
        } else if (value instanceof ExtensionObject structure && boxed == Map.class) {
            return fields(structure);
        } else if (value instanceof String text && boxed.isEnum()) {
            return named(text, boxed);
        } else if (value instanceof Variant inner) {
            return new Conversion(name, inner).whole(target);
        }
        throw unfit(value, target.getSimpleName());
    }

    private Map<?, ?> fields(ExtensionObject structure) {
        if (structure.value() instanceof Map<?, ?> fields) {
            return fields;
        }
        throw new ValueConversionException(name + ": the fields of the structure " + structure.typeId()
                + " are not known: ask for ExtensionObject.class, which has its bytes");
    }

    private Object number(Number value, Class<?> boxed, Class<?> target) {
        Number converted = boxed == Double.class || boxed == Float.class ? binary(value, boxed) : null;
        if (converted == null && isFinite(value)) {
            converted = decimal(exact(value), value, boxed);
        }
        if (converted == null) {
            throw unfit(value, target.getSimpleName() + " without loss: " + wayOut(value, boxed));
        }
        return converted;
    }

    private static String wayOut(Number value, Class<?> target) {
        if (!Number.class.isAssignableFrom(target)) {
            return "it is a number";
        } else if (value instanceof Float || value instanceof Double) {
            return "ask for double.class";
        }
        return value instanceof BigInteger ? "ask for BigInteger.class" : "ask for long.class";
    }

    private static boolean isFinite(Number value) {
        return !(value instanceof Double || value instanceof Float) || Double.isFinite(value.doubleValue());
    }

    private static BigDecimal exact(Number value) {
        if (value instanceof BigInteger whole) {
            return new BigDecimal(whole);
        }
        return value instanceof Double || value instanceof Float
                ? new BigDecimal(value.doubleValue())
                : BigDecimal.valueOf(value.longValue());
    }

    /** As a Double or Float; null if that is another number. */
    private static @Nullable Number binary(Number value, Class<?> target) {
        double wide = value.doubleValue();
        boolean same = !Double.isFinite(wide) ? !isFinite(value) : new BigDecimal(wide).compareTo(exact(value)) == 0;
        if (target == Double.class) {
            return same ? (Number) wide : null;
        }
        float narrow = (float) wide;
        return same && Double.compare(narrow, wide) == 0 ? (Number) narrow : null;
    }

    /** As an exact class; null if it does not fit. */
    private static @Nullable Number decimal(BigDecimal exact, Number value, Class<?> target) {
        if (target == BigDecimal.class) {
            return new BigDecimal(value.toString());
        }
        if (exact.stripTrailingZeros().scale() > 0) {
            return null;
        }
        BigInteger whole = exact.toBigIntegerExact();
        int bits = whole.bitLength();
        if (target == BigInteger.class) {
            return whole;
        } else if (target == Long.class) {
            return bits < 64 ? (Number) whole.longValue() : null;
        } else if (target == Integer.class) {
            return bits < 32 ? (Number) whole.intValue() : null;
        } else if (target == Short.class) {
            return bits < 16 ? (Number) whole.shortValue() : null;
        }
        return target == Byte.class && bits < 8 ? (Number) whole.byteValue() : null;
    }

    private Object constant(Number value, Class<?> type) {
        Number exact = isFinite(value) ? decimal(exact(value), value, Integer.class) : null;
        if (exact != null) {
            for (Object constant : type.getEnumConstants()) {
                if (constant instanceof IntSupplier number && number.getAsInt() == exact.intValue()) {
                    return constant;
                }
            }
        }
        throw unfit(value, type.getSimpleName() + ": none of its constants supplies that number (IntSupplier)");
    }

    private Object named(String text, Class<?> type) {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(text)) {
                return constant;
            }
        }
        throw unfit(text, type.getSimpleName() + ": it has no such constant");
    }

    private ValueConversionException unfit(@Nullable Object value, String expected) {
        BuiltinType type = variant.type();
        return new ValueConversionException(name + ": " + (type == null ? "" : type.displayName() + " ")
                + excerpt(value) + " does not fit " + expected);
    }

    private String excerpt(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return isMatrix() ? "matrix " + variant.dimensions() : "array of " + list.size();
        }
        String text = String.valueOf(value);
        return text.length() <= 60 ? text : text.substring(0, 59) + "…";
    }
}
