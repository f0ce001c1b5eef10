package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.net.ConnectException;
import java.time.Duration;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ServiceFault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ReachTest {
    private static final Duration LONG = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(10);

    static Stream<Arguments> endings() {
        return Stream.of(
                // failure, whether a channel was opened, time for a step, what it tells
                Arguments.of(new ConnectException("refused"), false, SHORT, Reach.NOT_REACHED),
                Arguments.of(status(StatusCodes.Bad_Timeout), false, LONG, Reach.NOT_REACHED),
                Arguments.of(status(StatusCodes.Bad_Timeout), false, SHORT, Reach.UNDECIDED),
                Arguments.of(status(StatusCodes.Bad_Timeout), true, LONG, Reach.BROKEN_OFF),
                Arguments.of(status(StatusCodes.Bad_Timeout), true, SHORT, Reach.UNDECIDED),
                Arguments.of(status(StatusCodes.Bad_ConnectionClosed), true, LONG, Reach.BROKEN_OFF),
                Arguments.of(connection(status(StatusCodes.Bad_Timeout)), false, LONG, Reach.NOT_REACHED),
                Arguments.of(connection(status(StatusCodes.Bad_Timeout)), true, LONG, Reach.BROKEN_OFF),
                Arguments.of(fault(StatusCodes.Bad_UserAccessDenied), true, LONG, Reach.REACHED),
                Arguments.of(fault(StatusCodes.Bad_Timeout), true, LONG, Reach.REACHED),
                Arguments.of(fault(StatusCodes.Bad_ServerHalted), true, LONG, Reach.NOT_REACHED),
                Arguments.of(new IllegalStateException("a defect of ours"), false, LONG, Reach.UNDECIDED),
                Arguments.of(new IllegalStateException("a defect of ours"), true, LONG, Reach.REACHED));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void endOfAnAttemptTellsOfTheServerWhatTheServerSaid(
            Throwable failure, boolean opened, Duration step, Reach expected) {
        assertThat(Reach.of(failure, false, opened, step)).isEqualTo(expected);
    }

    private static UaException status(long code) {
        return new UaException(code, "status");
    }

    private static CommandException connection(UaException cause) {
        return new CommandException(ErrorType.CONNECTION, "Failed to connect", StatusCodes.Bad_Timeout, null, cause);
    }

    private static UaServiceFaultException fault(long code) {
        return new UaServiceFaultException(new ServiceFault(
                new ResponseHeader(DateTime.NULL_VALUE, UInteger.MIN, new StatusCode(code), null, null, null)));
    }
}
