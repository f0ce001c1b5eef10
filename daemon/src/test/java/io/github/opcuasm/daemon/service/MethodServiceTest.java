package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MethodServiceTest {
    private final ServiceFixture fixture = new ServiceFixture();
    private final Simulator simulator = fixture.simulator;
    private final MethodService methods = new MethodService();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void outputsAndCodesOfArgumentsComeBack() throws Exception {
        CallContext context = fixture.context("{}");

        CallResult result = resultOf(call(context, "Add", number(1.5), number(2.25)));

        assertThat(result.statusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(result.inputArgumentResults())
                .allSatisfy(code -> assertThat(code).isEqualTo(StatusCode.GOOD));
        assertThat(result.outputArguments()).containsExactly(number(3.75));
    }

    @Test
    void severalOutputsKeepTypeShapeAndOrder() throws Exception {
        CallContext context = fixture.context("{}");

        CallResult result = resultOf(call(context, "MultiOutput"));

        assertThat(result.outputArguments().stream().map(Variant::type))
                .containsExactly(BuiltinType.INT32, BuiltinType.STRING, BuiltinType.DOUBLE, null);
        assertThat(result.outputArguments().get(2).elements()).isEqualTo(List.of(1.5, -2.5, 0.0));
        assertThat(result.outputArguments().get(3)).isEqualTo(Variant.NULL);
    }

    /** Whatever is judged or recorded between the arrival and the request. */
    @Test
    void callStaysBoundToTheActivationOfItsArrival() throws Exception {
        CallContext context = fixture.context("{}");
        context.bindActivation();
        SessionState before = context.session().state();
        simulator.faults().dropConnections();
        await().until(() -> context.session().state() instanceof SessionState.Active now && now != before);

        CommandException late = failureOf(call(context, "Add", number(1), number(2)));

        assertThat(late.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(simulator.counters().received(Service.CALL)).isZero();
    }

    @Test
    void valueComesBackUnchanged() throws Exception {
        CallContext context = fixture.context("{}");
        List<Variant> values = List.of(
                Variant.scalar(BuiltinType.UINT32, 4_294_967_295L),
                Variant.scalar(BuiltinType.STRING, "ü"),
                Variant.array(BuiltinType.INT32, List.of(1, 2, 3)),
                Variant.matrix(BuiltinType.INT32, List.of(1, 2, 3, 4), List.of(2, 2)));

        for (Variant value : values) {
            Variant echoed =
                    resultOf(call(context, "Echo", value)).outputArguments().get(0);

            assertThat(echoed.type()).isEqualTo(value.type());
            assertThat(echoed.dimensions()).isEqualTo(value.dimensions());
            if (value.isArray()) {
                assertThat(List.copyOf(echoed.elements())).isEqualTo(value.elements());
            } else {
                assertThat(echoed).isEqualTo(value);
            }
        }
    }

    // Part 4, 5.12.2: what is wrong with the call is part of its result.
    @Test
    void badStatusOfTheMethodIsAResult() throws Exception {
        CallContext context = fixture.context("{}");

        assertThat(status(call(context, "Fail"))).isEqualTo(StatusCodes.Bad_InternalError);
        assertThat(status(call(context, "NotExecutable"))).isEqualTo(StatusCodes.Bad_NotExecutable);
        assertThat(status(call(context, "Denied"))).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(status(call(context, "Nowhere"))).isEqualTo(StatusCodes.Bad_MethodInvalid);
        assertThat(status(call(context, "Add", number(1)))).isEqualTo(StatusCodes.Bad_ArgumentsMissing);
        assertThat(status(call(context, "Add", number(1), number(1), number(1))))
                .isEqualTo(StatusCodes.Bad_TooManyArguments);
        CallResult wrongType = resultOf(call(context, "Add", number(1), Variant.scalar(BuiltinType.STRING, "x")));
        assertThat(wrongType.statusCode().value()).isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(wrongType.inputArgumentResults().stream().map(StatusCode::value))
                .containsExactly(0L, StatusCodes.Bad_TypeMismatch);
        assertThat(wrongType.outputArguments()).isEmpty();
    }

    @Test
    void faultOfTheServiceIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");
        simulator.faults().fail(Service.CALL, StatusCodes.Bad_ServiceUnsupported);

        CommandException failure = failureOf(call(context, "Nothing"));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE_UNSUPPORTED);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(simulator.calls().count()).isZero();
    }

    @Test
    void callWhoseAnswerIsLostIsNeverSentAgain() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':20,'autoRetry':5}");
        SessionHandle handle = fixture.handle();
        Fault withheld = simulator.faults().withholdAnswers(Service.CALL);
        CompletableFuture<CallResult> call = call(context, "Nothing");
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        simulator.faults().dropConnections();

        CommandException failure = failureOf(call);
        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        simulator.faults().clear();
        await().untilAsserted(() -> assertThat(handle.state()).isInstanceOf(SessionState.Active.class));
        // What goes over the restored session comes after anything that was repeated on it.
        resultOf(call(fixture.context(handle), "MultiOutput"));
        assertThat(simulator.calls().count(Simulator.node("Methods/Nothing"))).isEqualTo(1);
    }

    @Test
    void callDuringAnOutageFailsAtOnceAndIsNotSent() throws Exception {
        fixture.context("{'opcuaTimeout':100}");
        simulator.stop();
        await().untilAsserted(() -> assertThat(fixture.handle().state()).isInstanceOf(SessionState.Reconnecting.class));
        CallContext context = fixture.context(fixture.handle());

        CommandException failure = catchThrowableOfType(CommandException.class, () -> call(context, "Nothing"));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(simulator.calls().count()).isZero();
    }

    @Test
    void callThatTakesTooLongIsUnknown() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':3}");
        simulator.faults().withholdAnswers(Service.CALL);

        CommandException failure = failureOf(call(context, "Nothing"));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    private CompletableFuture<CallResult> call(CallContext context, String method, Variant... arguments) {
        return methods.call(context, node("Methods"), node("Methods/" + method), List.of(arguments));
    }

    private static long status(CompletableFuture<CallResult> call) throws Exception {
        return resultOf(call).statusCode().value();
    }

    private static Variant number(double value) {
        return Variant.scalar(BuiltinType.DOUBLE, value);
    }
}
