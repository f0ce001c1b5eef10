package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.json;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AttributeServiceTest {
    private static final int VALUE = 13;
    private static final String INT32 = "Scalars/Int32";

    private final ServiceFixture fixture = new ServiceFixture();
    private final Simulator simulator = fixture.simulator;
    private final AttributeService attributes = new AttributeService(Ticker.SYSTEM);

    @AfterEach
    void close() {
        fixture.close();
    }

    // Part 5, 6.3.11: the server's limits hold unless the config asks for less; 0 asks for no batching.
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "{}, 4, 7, 2",
                "{}, 1, 3, 3",
                "{'batchSize':2}, 4, 7, 4",
                "{'batchSize':5}, 4, 7, 2",
                "{'batchSize':7}, 0, 7, 1",
                "{'batchSize':1}, 0, 7, 7",
                "{'batchSize':0}, 7, 7, 1",
                "{}, 0, 7, 1",
                "{}, 7, 7, 1",
                "{}, 6, 7, 2",
            })
    void readsInBatches(String config, int serverLimit, int items, int calls) throws Exception {
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_READ, serverLimit);
        CallContext context = fixture.context(config);
        long before = simulator.counters().received(Service.READ);

        List<DataValue> values =
                resultOf(attributes.readMulti(context, Collections.nCopies(items, new ReadItem(node(INT32), VALUE))));

        assertThat(values)
                .hasSize(items)
                .allSatisfy(value -> assertThat(value.variant().value()).isEqualTo(-32));
        assertThat(simulator.counters().received(Service.READ) - before).isEqualTo(calls);
    }

    @Test
    void resultsKeepTheOrderOfTheItemsOverBatches() throws Exception {
        CallContext context = fixture.context("{'batchSize':2}");
        List<String> names = List.of("Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32");

        List<DataValue> values = resultOf(attributes.readMulti(
                context,
                names.stream()
                        .map(name -> new ReadItem(node("Scalars/" + name), VALUE))
                        .toList()));

        assertThat(values.stream().map(value -> value.variant().type()))
                .containsExactly(
                        BuiltinType.BOOLEAN,
                        BuiltinType.SBYTE,
                        BuiltinType.BYTE,
                        BuiltinType.INT16,
                        BuiltinType.UINT16,
                        BuiltinType.INT32,
                        BuiltinType.UINT32);
    }

    @Test
    void thousandsOfBatchesAreNoProblem() throws Exception {
        CallContext context = fixture.context("{'batchSize':1}");

        List<DataValue> values =
                resultOf(attributes.readMulti(context, Collections.nCopies(4_000, new ReadItem(node(INT32), VALUE))));

        assertThat(values).hasSize(4_000);
    }

    @Test
    void unknownNodeFailsOnlyItsOwnItem() throws Exception {
        CallContext context = fixture.context("{}");

        List<DataValue> values = resultOf(attributes.readMulti(
                context, List.of(new ReadItem(node("Nowhere"), VALUE), new ReadItem(node(INT32), VALUE))));

        assertThat(values.get(0).statusCode().value()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(values.get(1).variant().value()).isEqualTo(-32);
    }

    @Test
    void nothingToReadOrWriteIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException read = failureOf(failing(() -> attributes.readMulti(context, List.of())));
        CommandException write = failureOf(failing(() -> attributes.write(context, List.of())));

        assertThat(read.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(read.statusCode()).isEqualTo(StatusCodes.Bad_NothingToDo);
        assertThat(write.statusCode()).isEqualTo(StatusCodes.Bad_NothingToDo);
    }

    @Test
    void writesInBatchesAndReportsEachItem() throws Exception {
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_WRITE, 2);
        CallContext context = fixture.context("{}");

        List<StatusCode> codes = resultOf(attributes.write(
                context,
                List.of(
                        item(INT32, "1", BuiltinType.INT32),
                        item("Access/ReadOnly", "1", BuiltinType.INT32),
                        item(INT32, "2", BuiltinType.INT32))));

        assertThat(codes.stream().map(StatusCode::value)).containsExactly(0L, StatusCodes.Bad_NotWritable, 0L);
        assertThat(simulator.counters().received(Service.WRITE)).isEqualTo(2);
        assertThat(simulator.writes(Simulator.node(INT32))).containsExactly(new Variant(1), new Variant(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "1.5", "'x'", "true", "[1]", "null"})
    void allValuesAreCheckedBeforeAnythingIsSent(String bad) throws Exception {
        CallContext context = fixture.context("{'batchSize':1}");

        CommandException failure = failureOf(failing(() -> attributes.write(
                context,
                List.of(item(INT32, "1", null), item("Scalars/Double", "1.5", null), item(INT32, bad, null)))));

        assertThat(failure.type()).isEqualTo(ErrorType.WRITE_TYPE_MISMATCH);
        assertThat(failure.messageText()).startsWith("items");
        assertThat(simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void typeIsFoundOutOnceForEachNode() throws Exception {
        CallContext context = fixture.context("{}");
        long before = simulator.counters().received(Service.READ);

        resultOf(attributes.write(context, List.of(item(INT32, "1", null), item(INT32, "2", null))));
        resultOf(attributes.write(context, List.of(item(INT32, "3", null))));

        assertThat(simulator.counters().received(Service.READ) - before).isEqualTo(1);
        assertThat(simulator.writes(Simulator.node(INT32))).hasSize(3);
    }

    // Part 3, 5.6.2: the next value of a variable with an abstract DataType may be of another type.
    @Test
    void typeOfAValueIsNotRememberedForTheNextOne() throws Exception {
        CallContext context = fixture.context("{}");
        String any = "Scalars/Variant";
        resultOf(attributes.write(context, List.of(item(any, "1", null))));
        resultOf(attributes.write(context, List.of(item(any, "'text'", BuiltinType.STRING))));

        resultOf(attributes.write(context, List.of(item(any, "'more'", null))));

        assertThat(resultOf(attributes.readMulti(context, List.of(new ReadItem(node(any), VALUE))))
                        .get(0)
                        .variant()
                        .value())
                .isEqualTo("more");
    }

    // No answer to a Browse ever comes, and the patience for one is longer than this test's.
    @Test
    void structureIsReadWithoutItsFieldsWhenTheServerTellsNothingOfItsType() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':100}");
        ReadItem item = new ReadItem(node("Structures/Point"), VALUE);
        simulator.faults().withholdAnswers(Service.BROWSE);

        ExtensionObject first = structure(resultOf(attributes.readMulti(context, List.of(item))));
        long asked = simulator.counters().received(Service.BROWSE);
        ExtensionObject second = structure(resultOf(attributes.readMulti(context, List.of(item))));

        assertThat(first.value()).isNull();
        assertThat(first.body()).isNotNull();
        assertThat(second).isEqualTo(first);
        assertThat(asked).isEqualTo(1);
        assertThat(simulator.counters().received(Service.BROWSE)).isEqualTo(asked);
    }

    private static ExtensionObject structure(List<DataValue> values) {
        return (ExtensionObject) Objects.requireNonNull(values.get(0).variant().value());
    }

    @Test
    void unknownNodeHasNoTypeToFindOut() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure =
                failureOf(failing(() -> attributes.write(context, List.of(item("Nowhere", "1", null)))));

        assertThat(failure.type()).isEqualTo(ErrorType.WRITE_TYPE_DETECTION);
        assertThat(failure).hasMessageContaining("Bad_NodeIdUnknown");
        assertThat(simulator.counters().received(Service.WRITE)).isZero();
    }

    @Test
    void typeIsNotFoundOutWhereTheConfigForbidsIt() throws Exception {
        CallContext context = fixture.context("{'autoDetectWriteType':false}");
        long before = simulator.counters().received(Service.READ);

        CommandException failure = failureOf(failing(() -> attributes.write(context, List.of(item(INT32, "1", null)))));
        List<StatusCode> written = resultOf(attributes.write(context, List.of(item(INT32, "2", BuiltinType.INT32))));

        assertThat(failure.type()).isEqualTo(ErrorType.WRITE_TYPE_DETECTION);
        assertThat(written.get(0).value()).isZero();
        assertThat(simulator.counters().received(Service.READ)).isEqualTo(before);
    }

    // The server judges an explicit type, if the value fits it.
    @Test
    void explicitTypeIsSentAsGiven() throws Exception {
        CallContext context = fixture.context("{}");

        List<StatusCode> codes = resultOf(attributes.write(context, List.of(item(INT32, "1", BuiltinType.DOUBLE))));

        assertThat(codes.get(0).value()).isEqualTo(StatusCodes.Bad_TypeMismatch);
        assertThat(simulator.writes(Simulator.node(INT32))).isEmpty();
    }

    @Test
    void writeWithoutATypeDuringAnOutageFailsAtOnceAndNeverArrives() throws Exception {
        fixture.context("{'opcuaTimeout':100}");
        simulator.stop();
        await().untilAsserted(() -> assertThat(fixture.handle().state()).isInstanceOf(SessionState.Reconnecting.class));
        CallContext context = fixture.context(fixture.handle());

        CompletableFuture<List<StatusCode>> write =
                failing(() -> attributes.write(context, List.of(item(INT32, "5", null))));
        simulator.start();

        CommandException failure = failureOf(write);
        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isIn(Outcome.NOT_SENT, null);
        assertThat(simulator.writeCount()).isZero();
    }

    @Test
    void writeOfSeveralBatchesDuringAnOutageIsNotSent() throws Exception {
        fixture.context("{'batchSize':1}");
        simulator.stop();
        await().untilAsserted(() -> assertThat(fixture.handle().state()).isInstanceOf(SessionState.Reconnecting.class));
        CallContext context = fixture.context(fixture.handle());

        CommandException failure = failureOf(failing(() -> attributes.write(
                context, List.of(item(INT32, "5", BuiltinType.INT32), item(INT32, "6", BuiltinType.INT32)))));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
    }

    @Test
    void laterBatchThatFailsMakesTheWholeUnknown() throws Exception {
        CallContext context = fixture.context("{'batchSize':1}");
        Fault withheld = simulator.faults().withholdAnswers(Service.WRITE);
        CompletableFuture<List<StatusCode>> write = attributes.write(
                context, List.of(item(INT32, "5", BuiltinType.INT32), item(INT32, "6", BuiltinType.INT32)));
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));
        Fault refused = simulator.faults().fail(Service.WRITE, StatusCodes.Bad_ServiceUnsupported);

        CommandException failure = failureOf(write);

        assertThat(refused.held()).isZero();
        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE_UNSUPPORTED);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(simulator.writes(Simulator.node(INT32))).containsExactly(new Variant(5));
    }

    @Test
    void batchSizeIsBoundedByServerAndConfig() {
        assertThat(IntStream.of(
                                Batches.size(null, null),
                                Batches.size(null, 10L),
                                Batches.size(5, 10L),
                                Batches.size(50, 10L),
                                Batches.size(0, 10L),
                                Batches.size(5, null),
                                Batches.size(null, 0xFFFF_FFFFL))
                        .boxed())
                .containsExactly(Integer.MAX_VALUE, 10, 5, 10, Integer.MAX_VALUE, 5, Integer.MAX_VALUE);
    }

    private interface Call<T> {
        CompletableFuture<T> run();
    }

    /** What does not fit may be thrown at once or come with the future. */
    private static <T> CompletableFuture<T> failing(Call<T> call) {
        try {
            return call.run();
        } catch (CommandException e) {
            return CompletableFuture.failedFuture(new CompletionException(e));
        }
    }

    private static WriteItem item(String path, String value, @Nullable BuiltinType type) {
        return new WriteItem(node(path), json(value), type, VALUE, "items.value");
    }
}
