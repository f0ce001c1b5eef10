package io.github.opcuasm.protocol.type;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An array seen as an unmodifiable list. Elements are made when they are asked for: 100,000 doubles cost 800 KB and not
 * their boxes too, and foreign values need no second array. The array must not change afterwards.
 */
public final class ArrayView<T extends @Nullable Object> extends AbstractList<T> implements RandomAccess {
    private final int size;
    private final IntFunction<? extends T> elementAt;

    private ArrayView(int size, IntFunction<? extends T> elementAt) {
        this.size = size;
        this.elementAt = elementAt;
    }

    /** A view whose elements come from {@code elementAt}, which is called with 0 to {@code size - 1}, any number of times. */
    public static <T extends @Nullable Object> List<T> of(int size, IntFunction<? extends T> elementAt) {
        return new ArrayView<>(size, elementAt);
    }

    public static List<Boolean> ofBooleans(boolean[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Byte> ofBytes(byte[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Short> ofShorts(short[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Integer> ofInts(int[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Long> ofLongs(long[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Float> ofFloats(float[] array) {
        return of(array.length, i -> array[i]);
    }

    public static List<Double> ofDoubles(double[] array) {
        return of(array.length, i -> array[i]);
    }

    @Override
    public T get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("index " + index + " of " + size);
        }
        return elementAt.apply(index);
    }

    @Override
    public int size() {
        return size;
    }
}
