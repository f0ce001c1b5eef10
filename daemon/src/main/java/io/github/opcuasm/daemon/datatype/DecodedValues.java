package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.DiagnosticInfo;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares a decoded value with one that a caller gave. What an answer cannot show does not count: the seventh digit of a
 * time, what is in a DiagnosticInfo, whether an array in a Variant is null or empty.
 */
final class DecodedValues {
    private DecodedValues() {}

    /** The place of the first difference, beginning with {@code path}; null if there is none. */
    static @Nullable String difference(@Nullable Object decoded, @Nullable Object given, String path) {
        if (decoded instanceof StructureValue left && given instanceof StructureValue right) {
            return structures(left, right, path);
        }
        if (decoded instanceof List<?> left && given instanceof List<?> right) {
            return lists(left, right, path);
        }
        if (decoded instanceof Variant left && given instanceof Variant right) {
            return left.type() == right.type() && Objects.equals(dimensions(left), dimensions(right))
                    ? difference(content(left), content(right), path)
                    : path;
        }
        if (decoded instanceof DataValue left && given instanceof DataValue right) {
            return left.statusCode().equals(right.statusCode())
                            && sameTime(left.sourceTimestamp(), right.sourceTimestamp())
                            && sameTime(left.serverTimestamp(), right.serverTimestamp())
                    ? difference(left.variant(), right.variant(), path)
                    : path;
        }
        if (decoded instanceof ExtensionObject left && given instanceof ExtensionObject right) {
            boolean same = left.typeId().equals(right.typeId())
                    && left.encoding() == right.encoding()
                    && Objects.equals(left.body(), right.body());
            return same ? null : path;
        }
        if (decoded instanceof DateTime left && given instanceof DateTime right) {
            return sameTime(left, right) ? null : path;
        }
        boolean same = decoded instanceof DiagnosticInfo || Objects.equals(decoded, given);
        return same ? null : path;
    }

    private static @Nullable String structures(StructureValue left, StructureValue right, String path) {
        for (int i = 0; i < left.layout().size(); i++) {
            String place = path + "." + left.layout().name(i);
            if (left.has(i) != right.has(i)) {
                return place;
            }
            String difference = difference(left.at(i), right.at(i), place);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private static @Nullable String lists(List<?> left, List<?> right, String path) {
        if (left.size() != right.size()) {
            return path;
        }
        for (int i = 0; i < left.size(); i++) {
            String difference = difference(left.get(i), right.get(i), path + "[" + i + "]");
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private static @Nullable Object content(Variant variant) {
        return variant.isNullArray() ? List.of() : variant.value();
    }

    private static @Nullable List<Integer> dimensions(Variant variant) {
        List<Integer> dimensions = variant.dimensions();
        return dimensions == null || dimensions.isEmpty() ? null : dimensions;
    }

    private static boolean sameTime(@Nullable DateTime left, @Nullable DateTime right) {
        if (left == null || right == null || left.isNull() || right.isNull()) {
            return (left == null || left.isNull()) && (right == null || right.isNull());
        }
        boolean allDigits = right.ticks() % 10 != 0;
        return allDigits
                ? left.equals(right)
                : left.toInstant()
                        .truncatedTo(ChronoUnit.MICROS)
                        .equals(right.toInstant().truncatedTo(ChronoUnit.MICROS));
    }
}
