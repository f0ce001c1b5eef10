package io.github.opcuasm.protocol.type;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one decoded structure, in their order: an unmodifiable map from name to value. Optional fields that are
 * absent are not in it, a union has one field or none.
 *
 * <p>Values of the same type share a {@link Layout}, so that one costs an array and no more; the layout also tells the
 * built-in type of each field, which the Java class alone does not always (UInt32 and Int64 are both {@link Long}).
 *
 * <p>The value of a field is as {@link Variant} documents it for the field's type, and for an array a list of such; null
 * for a null String and for a null array. The value of a structure is again a {@code StructureValue}, that of an array of
 * more dimensions a {@code StructureValue} with the fields {@code value}, the elements row by row, and {@code
 * dimensions}.
 */
public final class StructureValue extends AbstractMap<String, @Nullable Object> {
    private static final Object ABSENT = new Object();

    private final Layout layout;
    private final @Nullable Object[] values;
    private final int size;

    private StructureValue(Layout layout, @Nullable Object[] values) {
        this.layout = layout;
        this.values = values;
        this.size = (int) Arrays.stream(values).filter(value -> value != ABSENT).count();
    }

    /** A matrix: {@code {"value":[…],"dimensions":[…]}}. */
    public static StructureValue matrix(@Nullable BuiltinType type, List<?> elements, List<Integer> dimensions) {
        return new Layout(List.of("value", "dimensions"), Arrays.asList(type, BuiltinType.INT32))
                .builder()
                .set(0, elements)
                .set(1, dimensions)
                .build();
    }

    public Layout layout() {
        return layout;
    }

    /** Whether the layout's field {@code index} is in it. */
    public boolean has(int index) {
        return values[index] != ABSENT;
    }

    /** The value of the layout's field {@code index}; null too if that is absent. */
    public @Nullable Object at(int index) {
        return has(index) ? values[index] : null;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        Integer index = layout.indexes.get(name);
        return index != null && has(index);
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        Integer index = layout.indexes.get(name);
        return index == null ? null : at(index);
    }

    @Override
    public Set<Map.Entry<String, @Nullable Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Map.Entry<String, @Nullable Object>> iterator() {
                return new Fields();
            }
        };
    }

    /** Names and built-in types of the fields of one type. */
    public static final class Layout {
        private final List<String> names;
        private final @Nullable BuiltinType[] types;
        private final Map<String, Integer> indexes;

        /**
         * @param names all different
         * @param types as many; null for a field that is a structure
         */
        public Layout(List<String> names, List<@Nullable BuiltinType> types) {
            this.names = List.copyOf(names);
            this.types = types.toArray(new BuiltinType[0]);
            this.indexes = new HashMap<>();
            for (int i = 0; i < this.names.size(); i++) {
                if (indexes.put(this.names.get(i), i) != null) {
                    throw new IllegalArgumentException("names: got " + this.names.get(i) + " twice");
                }
            }
            if (this.types.length != this.names.size()) {
                throw new IllegalArgumentException(
                        "types: got " + this.types.length + ", expected one for each of " + this.names.size());
            }
        }

        public int size() {
            return names.size();
        }

        public String name(int index) {
            return names.get(index);
        }

        /** Null for a field that is a structure. */
        public @Nullable BuiltinType type(int index) {
            return types[index];
        }

        /** A value without fields, to be filled. */
        public Builder builder() {
            return new Builder(this);
        }
    }

    /** Takes the fields of one value. Used once. */
    public static final class Builder {
        private final Layout layout;
        private final @Nullable Object[] values;

        private Builder(Layout layout) {
            this.layout = layout;
            this.values = new Object[layout.size()];
            Arrays.fill(values, ABSENT);
        }

        public Builder set(int index, @Nullable Object value) {
            values[index] = value;
            return this;
        }

        public StructureValue build() {
            return new StructureValue(layout, values);
        }
    }

    private final class Fields implements Iterator<Map.Entry<String, @Nullable Object>> {
        private int next = following(0);

        @Override
        public boolean hasNext() {
            return next < values.length;
        }

        @Override
        public Map.Entry<String, @Nullable Object> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Map.Entry<String, @Nullable Object> entry = new SimpleImmutableEntry<>(layout.name(next), values[next]);
            next = following(next + 1);
            return entry;
        }

        private int following(int from) {
            int index = from;
            while (index < values.length && !has(index)) {
                index++;
            }
            return index;
        }
    }
}
