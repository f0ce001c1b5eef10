package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The raw values of a calculation by time, and what each is worth for it. For every place the nearest usable sample on
 * either side is known, so that a bound is found without a search however many bad ones lie between.
 *
 * <p>Good and Uncertain are severities; <em>usable</em> is what is not Bad, and not Uncertain where that counts as Bad.
 * What a calculation cannot use for its value (text, NaN) is as good as Bad to it, and remembered as unfit. What stands for a
 * bound that is not given (Bad_BoundNotFound, Bad_BoundNotSupported) is no sample. Bad_NoData is one, a gap, between two
 * others; before the first and behind the last it is where the data begin and end, as annex A has it. Samples of the same
 * time stay in their order, and the last of them is the one that holds from then on.
 */
final class Samples {
    private static final byte GOOD = 0;
    private static final byte UNCERTAIN = 1;
    private static final byte BAD = 2;
    private static final byte UNFIT = 3;

    /** What a calculation takes for a value. */
    enum Use {
        /** Status and time are what counts. */
        STATUS,
        /** Any value can be held; NaN and none cannot. */
        VALUE,
        /** Numbers, and Booleans as 0 and 1. */
        NUMBER
    }

    private final List<DataValue> values;
    private final boolean uncertainIsBad;
    private final long[] times;
    private final byte[] qualities;
    private final int[] lastUsable;
    private final int[] nextUsable;
    /** The last answer of {@link #usableEarlierThan}: it is asked for the same sample over and over. */
    private int earlierThan = -1;

    private int earlier = -1;

    /** @throws CommandException {@code invalid_argument} for a value without any timestamp */
    Samples(List<DataValue> given, Use use, boolean uncertainIsBad) {
        this.uncertainIsBad = uncertainIsBad;
        this.values = sorted(given);
        int size = values.size();
        this.times = new long[size];
        this.qualities = new byte[size];
        this.lastUsable = new int[size];
        this.nextUsable = new int[size + 1];
        int last = -1;
        for (int i = 0; i < size; i++) {
            times[i] = ticks(values.get(i));
            qualities[i] = quality(values.get(i), use);
            last = isUsable(i) ? i : last;
            lastUsable[i] = last;
        }
        nextUsable[size] = size;
        for (int i = size - 1; i >= 0; i--) {
            nextUsable[i] = isUsable(i) ? i : nextUsable[i + 1];
        }
    }

    /** When a value was taken: the source's time, else the server's; null if it has neither. */
    static @Nullable DateTime timeOf(DataValue value) {
        DateTime source = value.sourceTimestamp();
        if (source != null && !source.isNull()) {
            return source;
        }
        DateTime server = value.serverTimestamp();
        return server == null || server.isNull() ? null : server;
    }

    /** Whether a calculation that takes this for values can use it. */
    static boolean isUsable(DataValue value, Use use, boolean uncertainIsBad) {
        return isUsable(quality(value, use), uncertainIsBad);
    }

    int size() {
        return times.length;
    }

    DataValue value(int i) {
        return values.get(i);
    }

    /** In ticks. */
    long time(int i) {
        return times[i];
    }

    /** Only for what is usable as a number. */
    double number(int i) {
        return Numbers.toDouble(values.get(i).variant().value());
    }

    boolean isGood(int i) {
        return qualities[i] == GOOD;
    }

    /** Uncertain, whether or not that counts as Bad. */
    boolean isUncertain(int i) {
        return qualities[i] == UNCERTAIN;
    }

    /** Bad or unfit, whatever Uncertain counts as. */
    boolean isBad(int i) {
        return qualities[i] >= BAD;
    }

    boolean isUsable(int i) {
        return isUsable(qualities[i], uncertainIsBad);
    }

    /** Whether its value is none that can be calculated with, though its status would let it. */
    boolean isUnfit(int i) {
        return qualities[i] == UNFIT;
    }

    /** Whether a line can be drawn from its value; else it holds, as Booleans and texts do. */
    boolean isSloped(int i) {
        return values.get(i).variant().value() instanceof Number;
    }

    /** Index of the last usable sample before place {@code i}; -1 for none. */
    int usableBefore(int i) {
        return i == 0 ? -1 : lastUsable[i - 1];
    }

    /** Index of the last usable sample of an earlier time than sample {@code i}; -1 for none. */
    int usableEarlierThan(int i) {
        if (i != earlierThan) {
            int before = usableBefore(i);
            while (before >= 0 && times[before] == times[i]) {
                before = usableBefore(before);
            }
            earlierThan = i;
            earlier = before;
        }
        return earlier;
    }

    /** Index of the first usable sample from place {@code i} on; the size for none. */
    int usableFrom(int i) {
        return nextUsable[i];
    }

    private static List<DataValue> sorted(List<DataValue> given) {
        List<DataValue> kept = new ArrayList<>(given.size());
        long last = Long.MIN_VALUE;
        boolean inOrder = true;
        for (int i = 0; i < given.size(); i++) {
            DataValue value = given.get(i);
            DateTime time = timeOf(value);
            if (time == null) {
                throw CommandException.invalidArgument(
                        "items[" + i + "].sourceTimestamp", "nothing", "a time, or one as serverTimestamp");
            }
            if (ResultStatus.isMissingBound(value.statusCode())) {
                continue;
            }
            inOrder &= time.ticks() >= last;
            last = time.ticks();
            kept.add(value);
        }
        if (!inOrder) {
            kept.sort(Comparator.comparingLong(Samples::ticks));
        }
        int first = 0;
        int end = kept.size();
        while (first < end && ResultStatus.isNoData(kept.get(first).statusCode())) {
            first++;
        }
        while (end > first && ResultStatus.isNoData(kept.get(end - 1).statusCode())) {
            end--;
        }
        return kept.subList(first, end);
    }

    private static boolean isUsable(byte quality, boolean uncertainIsBad) {
        return quality == GOOD || (quality == UNCERTAIN && !uncertainIsBad);
    }

    private static long ticks(DataValue value) {
        DateTime time = timeOf(value);
        if (time == null) {
            throw new IllegalStateException("a value without a time was let in");
        }
        return time.ticks();
    }

    private static byte quality(DataValue value, Use use) {
        StatusCode status = value.statusCode();
        if (status.isBad()) {
            return BAD;
        }
        Object content = value.variant().value();
        boolean fits = switch (use) {
            case STATUS -> true;
            case VALUE -> content != null && !Numbers.isNaN(content);
            case NUMBER -> content != null && Numbers.isNumber(content) && !Numbers.isNaN(content);
        };
        if (!fits) {
            return UNFIT;
        }
        return status.isGood() ? GOOD : UNCERTAIN;
    }
}
