package io.github.opcuasm.daemon.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The figures that Part 13 itself gives (annex A). */
final class AnnexFiguresTest {
    private static final String DATE = "2026-01-01T";
    private static final double ROUNDED = 0.0005;
    private static final Map<String, Long> STATUS = Map.of(
            "Good", Values.GOOD,
            "Bad", Values.BAD,
            "Uncertain", Values.UNCERTAIN,
            "BadNoData", Values.NO_DATA,
            "UncertainDataSubNormal", Values.SUB_NORMAL);
    private static final Map<String, Long> BITS = Map.of(
            "", 0L,
            "Raw", 0L,
            "Calculated", Values.CALCULATED,
            "Interpolated", Values.INTERPOLATED,
            "Partial", Values.PARTIAL,
            "MultipleValues", Values.MULTI_VALUE);

    private static final Map<String, List<DataValue>> DATA = new LinkedHashMap<>();
    private static final Map<String, AggregateConfiguration> CONFIGURATIONS = new LinkedHashMap<>();

    /** One aggregate of one data set. */
    private record Block(String set, String aggregate, double interval, List<String[]> expected) {
        @Override
        public String toString() {
            return set + " " + aggregate + " " + interval;
        }
    }

    private static final List<Block> BLOCKS = load();

    static Stream<Block> blocks() {
        return BLOCKS.stream();
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void figuresAreThoseOfTheAnnex(Block block) {
        boolean variance = block.aggregate().equals("VarianceSample");
        AggregateFunction function = Arrays.stream(AggregateFunction.values())
                .filter(each -> each.browseName().equals(variance ? "StandardDeviationSample" : block.aggregate()))
                .findFirst()
                .orElseThrow();

        List<DataValue> results = Aggregator.aggregate(
                Objects.requireNonNull(DATA.get(block.set())),
                ProcessingIntervals.of(time("12:00:00.000"), time("12:01:40.000"), block.interval()),
                function,
                Objects.requireNonNull(CONFIGURATIONS.get(block.set())));

        assertThat(results).hasSize((int) Math.ceil(100_000 / block.interval()));
        for (String[] line : block.expected()) {
            DataValue result = results.stream()
                    .filter(each -> time(line[4]).equals(each.sourceTimestamp()))
                    .findFirst()
                    .orElseThrow();
            assertThat(result.statusCode().hex())
                    .as(String.join(" ", line))
                    .isEqualTo(String.format("0x%08X", status(line)));
            Object value = result.variant().value();
            if (line[5].isEmpty()) {
                assertThat(value).as(String.join(" ", line)).isNull();
            } else {
                double number = Numbers.toDouble(value);
                assertThat(variance ? number * number : number)
                        .as(String.join(" ", line))
                        .isCloseTo(Numbers.toDouble(parse(line[5]).value()), within(ROUNDED));
            }
            assertThat(result.serverTimestamp()).isEqualTo(result.sourceTimestamp());
        }
    }

    /** A file that was not found, or cut, would let everything pass. */
    @Test
    void figuresAreThere() {
        assertThat(BLOCKS.stream().mapToInt(block -> block.expected().size()).sum())
                .isEqualTo(302);
        assertThat(BLOCKS.stream().map(Block::aggregate).distinct()).hasSize(10);
    }

    private static long status(String[] line) {
        long status = Objects.requireNonNull(STATUS.get(line[6]));
        for (String bit : line[7].split("\\|", -1)) {
            status |= Objects.requireNonNull(BITS.get(bit), bit);
        }
        return status;
    }

    private static DateTime time(String time) {
        return DateTime.of(Instant.parse(DATE + time + "Z"));
    }

    private static Variant parse(String text) {
        if (text.isEmpty()) {
            return Variant.NULL;
        }
        boolean flag = text.equals("TRUE") || text.equals("FALSE");
        return flag
                ? Variant.scalar(BuiltinType.BOOLEAN, text.equals("TRUE"))
                : Variant.scalar(BuiltinType.DOUBLE, Double.valueOf(text));
    }

    private static List<Block> load() {
        Map<String, Block> blocks = new LinkedHashMap<>();
        try (InputStream file =
                Objects.requireNonNull(AnnexFiguresTest.class.getResourceAsStream("/aggregates/part13-annex-a.csv"))) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> take(line.split(",", -1), blocks));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return new ArrayList<>(blocks.values());
    }

    private static void take(String[] line, Map<String, Block> blocks) {
        switch (line[0]) {
            case "data" ->
                DATA.computeIfAbsent(line[1], set -> new ArrayList<>())
                        .add(new DataValue(
                                parse(line[3]),
                                new io.github.opcuasm.protocol.type.StatusCode(
                                        Objects.requireNonNull(STATUS.get(line[4]), line[4])),
                                time(line[2]),
                                null));
            case "config" ->
                CONFIGURATIONS.put(
                        line[1],
                        new AggregateConfiguration(
                                Boolean.parseBoolean(line[3]),
                                Integer.parseInt(line[4]),
                                Integer.parseInt(line[5]),
                                Boolean.parseBoolean(line[6]),
                                Boolean.parseBoolean(line[2])));
            case "expected" ->
                blocks.computeIfAbsent(
                                line[1] + line[2] + line[3],
                                key -> new Block(line[1], line[2], Double.parseDouble(line[3]), new ArrayList<>()))
                        .expected()
                        .add(line);
            default -> throw new IllegalStateException("unknown line: " + String.join(",", line));
        }
    }
}
