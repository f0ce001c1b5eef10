package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MethodsTest {
    private static final NodeId METHODS = Simulator.node("Methods");

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @BeforeEach
    void forgetCalls() {
        simulator.calls().clear();
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void addAddsAndIsListedOnce() throws Exception {
        CallMethodResult result = call("Add", 1.5, 2.25);

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(result.getOutputArguments()).containsExactly(new Variant(3.75));
        assertThat(simulator.calls().count()).isEqualTo(1);
        assertThat(simulator.calls().count(Simulator.node("Methods/Add"))).isEqualTo(1);
        assertThat(simulator.calls().of(Simulator.node("Methods/Add")))
                .containsExactly(new MethodCall(
                        METHODS, Simulator.node("Methods/Add"), List.of(new Variant(1.5), new Variant(2.25))));
    }

    // Part 4, 5.12.2: the wrong argument is pointed out, and nothing is executed.
    @Test
    void argumentsOfWrongTypeOrRankAreNamed() throws Exception {
        CallMethodResult wrongType = call("Add", 1.5, 2);
        CallMethodResult wrongRank = call("Add", new Double[] {1.5}, 2.0);
        CallMethodResult nothing = call("Add", 1.5, Variant.NULL_VALUE);

        assertThat(List.of(wrongType, wrongRank, nothing))
                .allMatch(result -> result.getStatusCode().getValue() == StatusCodes.Bad_InvalidArgument);
        assertThat(wrongType.getInputArgumentResults()).containsExactly(StatusCode.GOOD, mismatch());
        assertThat(wrongRank.getInputArgumentResults()).containsExactly(mismatch(), StatusCode.GOOD);
        assertThat(nothing.getInputArgumentResults()).containsExactly(StatusCode.GOOD, mismatch());
        assertThat(simulator.calls().count()).isZero();
    }

    @Test
    void wrongNumberOfArgumentsIsRefused() throws Exception {
        assertThat(call("Add", 1.5).getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_ArgumentsMissing);
        assertThat(call("Add", 1.5, 2.5, 3.5).getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_TooManyArguments);
        assertThat(simulator.calls().count()).isZero();
    }

    static Stream<Variant> everyValue() {
        return Stream.of(
                        true,
                        (byte) -1,
                        ubyte(255),
                        (short) -2,
                        ushort(65_535),
                        -3,
                        uint(0xFFFF_FFFFL),
                        -4L,
                        ulong(5),
                        1.5f,
                        -0.0,
                        "text",
                        new DateTime(132_000_000_000_000_000L),
                        new UUID(1, 2),
                        ByteString.of(new byte[] {0, -1}),
                        XmlElement.of("<x/>"),
                        new NodeId(2, "n"),
                        ExpandedNodeId.of("urn:x", 5),
                        new StatusCode(StatusCodes.Bad_Timeout),
                        new QualifiedName(1, "q"),
                        new LocalizedText("fr", "é"),
                        ExtensionObject.of(ByteString.of(new byte[] {1, 2, 3}), new NodeId(2, 4_711)),
                        new DataValue(
                                new Variant(7),
                                new StatusCode(StatusCodes.Uncertain_InitialValue),
                                new DateTime(132_000_000_000_000_000L),
                                new DateTime(132_000_000_000_000_001L)),
                        new Integer[] {1, 2, 3},
                        new Integer[0],
                        new String[] {"a", null},
                        new Variant[] {new Variant(1), new Variant("b"), Variant.NULL_VALUE},
                        new ExtensionObject[] {
                            ExtensionObject.of(ByteString.of(new byte[] {9}), new NodeId(2, 4_711)),
                            ExtensionObject.of(ByteString.of(new byte[] {8}), new NodeId(2, 4_712))
                        },
                        Matrix.ofInt32(new int[][] {{1, 2, 3}, {4, 5, 6}}))
                .map(Variant::new);
    }

    @ParameterizedTest
    @MethodSource("everyValue")
    void echoAnswersWithTheValueItGot(Variant value) throws Exception {
        CallMethodResult result = callWith("Echo", value);

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(result.getOutputArguments()).containsExactly(value);
    }

    @Test
    void echoAnswersNullWithNull() throws Exception {
        CallMethodResult result = callWith("Echo", Variant.NULL_VALUE);

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(result.getOutputArguments()).containsExactly(Variant.NULL_VALUE);
    }

    @Test
    void failFailsAsTold() throws Exception {
        assertThat(call("Fail").getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_InternalError);
        assertThat(call("Fail", new StatusCode(StatusCodes.Bad_DeviceFailure))
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_DeviceFailure);
        assertThat(simulator.calls().count()).isEqualTo(2);
    }

    // More slow calls than the server has threads: they end together, and reads get through meanwhile.
    @Test
    void slowCallsHoldNoThread() throws Exception {
        CompletableFuture<CallMethodResult> never = callAsync("Slow", uint(3_600_000));
        List<CompletableFuture<CallMethodResult>> slow =
                Stream.generate(() -> callAsync("Slow", uint(300))).limit(20).toList();

        assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                .isTrue();
        for (CompletableFuture<CallMethodResult> call : slow) {
            assertThat(call.get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS).getStatusCode())
                    .isEqualTo(StatusCode.GOOD);
        }
        assertThat(never).isNotDone();
        assertThat(simulator.calls().count(Simulator.node("Methods/Slow"))).isEqualTo(21);
    }

    @Test
    void methodsWithoutArgumentsAndWithSeveralOutputs() throws Exception {
        CallMethodResult nothing = call("Nothing");
        CallMethodResult several = call("MultiOutput");

        assertThat(nothing.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(nothing.getOutputArguments()).isNullOrEmpty();
        assertThat(several.getOutputArguments())
                .containsExactly(
                        new Variant(42),
                        new Variant("forty-two"),
                        new Variant(new Double[] {1.5, -2.5, 0.0}),
                        Variant.NULL_VALUE);
    }

    @Test
    void refusedMethodsAreNotExecuted() throws Exception {
        assertThat(call("NotExecutable").getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_NotExecutable);
        assertThat(call("Denied").getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(simulator.calls().count()).isZero();
    }

    @Test
    void unknownObjectsAndMethodsAreTold() throws Exception {
        assertThat(call(Simulator.node("Nowhere"), Simulator.node("Methods/Add"))
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(call(METHODS, Simulator.node("Methods/Missing"))
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_MethodInvalid);
        assertThat(call(Simulator.node("Scalars"), Simulator.node("Methods/Add"))
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_MethodInvalid);
    }

    @Test
    void oneRequestMixesOwnAndForeignMethods() throws Exception {
        List<CallMethodRequest> operations = List.of(
                request("Add", new Variant(1.0), new Variant(2.0)),
                new CallMethodRequest(
                        NodeIds.Server, NodeIds.Server_GetMonitoredItems, new Variant[] {new Variant(uint(1))}),
                request("Denied"));

        CallMethodResult[] results = client.call(operations).getResults();

        assertThat(Arrays.stream(results).map(result -> result.getStatusCode().getValue()))
                .containsExactly(
                        StatusCodes.Good, StatusCodes.Bad_SubscriptionIdInvalid, StatusCodes.Bad_UserAccessDenied);
    }

    @Test
    void signaturesAreProperties() throws Exception {
        Variant inputs =
                TestClients.readNow(client, "Methods/Add/InputArguments").value();
        Variant outputs =
                TestClients.readNow(client, "Methods/Add/OutputArguments").value();

        assertThat(arguments(inputs)).extracting(Argument::getName).containsExactly("Augend", "Addend");
        assertThat(arguments(inputs)).extracting(Argument::getDataType).containsOnly(NodeIds.Double);
        assertThat(arguments(outputs)).extracting(Argument::getName).containsExactly("Sum");
    }

    private List<Argument> arguments(Variant value) {
        return Stream.of((ExtensionObject[]) value.value())
                .map(object -> (Argument) object.decode(client.getStaticEncodingContext()))
                .toList();
    }

    private static StatusCode mismatch() {
        return new StatusCode(StatusCodes.Bad_TypeMismatch);
    }

    private CallMethodResult call(String method, Object... arguments) throws Exception {
        return callAsync(method, arguments).get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private CallMethodResult callWith(String method, Variant argument) throws Exception {
        return client.call(List.of(request(method, argument))).getResults()[0];
    }

    private CallMethodResult call(NodeId objectId, NodeId methodId) throws Exception {
        return client.call(List.of(new CallMethodRequest(objectId, methodId, new Variant[0])))
                .getResults()[0];
    }

    private CompletableFuture<CallMethodResult> callAsync(String method, Object... arguments) {
        Variant[] variants = Arrays.stream(arguments)
                .map(argument -> argument instanceof Variant given ? given : new Variant(argument))
                .toArray(Variant[]::new);
        return client.callAsync(List.of(request(method, variants))).thenApply(response -> response.getResults()[0]);
    }

    private static CallMethodRequest request(String method, Variant... arguments) {
        return new CallMethodRequest(METHODS, Simulator.node("Methods/" + method), arguments);
    }
}
