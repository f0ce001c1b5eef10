package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose result it is, and what configuration it is made by. */
final class AggregateServiceTest {
    private static final ProcessingIntervals TWO = ProcessingIntervals.of(
            DateTime.of(Instant.parse("2026-01-01T12:00:00Z")),
            DateTime.of(Instant.parse("2026-01-01T12:00:02Z")),
            1_000);
    private static final List<DataValue> SERVERS = List.of(value(1), value(2));
    private static final List<DataValue> DAEMONS = List.of(value(3), value(4));

    private static CompletableFuture<List<DataValue>> byDaemon() {
        return CompletableFuture.completedFuture(DAEMONS);
    }

    private static DataValue value(double value) {
        return DataValue.of(Variant.scalar(BuiltinType.DOUBLE, value));
    }

    private static CompletableFuture<List<DataValue>> refused(long status) {
        return CompletableFuture.failedFuture(OpcUaErrors.service("refused", status));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                StatusCodes.Bad_AggregateNotSupported,
                StatusCodes.Bad_AggregateConfigurationRejected,
                StatusCodes.Bad_HistoryOperationUnsupported,
                StatusCodes.Bad_HistoryOperationInvalid,
                StatusCodes.Bad_NotSupported,
                StatusCodes.Bad_NotImplemented,
                StatusCodes.Bad_TimestampsToReturnInvalid,
                StatusCodes.Bad_TimestampNotSupported,
            })
    void daemonCalculatesWhatTheServerCannot(long status) throws Exception {
        assertThat(resultOf(AggregateService.orElse(refused(status), TWO, AggregateServiceTest::byDaemon)))
                .isEqualTo(DAEMONS);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                StatusCodes.Bad_UserAccessDenied,
                StatusCodes.Bad_TooManyOperations,
                StatusCodes.Bad_NodeIdUnknown,
                StatusCodes.Bad_AggregateInvalidInputs,
            })
    void otherRefusalsAreTheAnswer(long status) {
        CommandException error =
                failureOf(AggregateService.orElse(refused(status), TWO, AggregateServiceTest::byDaemon));

        assertThat(error.statusCode()).isEqualTo(status);
    }

    /** Which interval a value is of could only be guessed. */
    @Test
    void serverThatLeavesIntervalsOutIsNotBelieved() throws Exception {
        for (List<DataValue> values :
                List.of(List.<DataValue>of(), List.of(value(1)), List.of(value(1), value(2), value(3)))) {
            assertThat(resultOf(AggregateService.orElse(
                            CompletableFuture.completedFuture(values), TWO, AggregateServiceTest::byDaemon)))
                    .isEqualTo(DAEMONS);
        }
        assertThat(resultOf(AggregateService.orElse(
                        CompletableFuture.completedFuture(SERVERS), TWO, AggregateServiceTest::byDaemon)))
                .isEqualTo(SERVERS);
    }

    /** The caller is told about the value that it gave, not about the one that it did not. */
    @Test
    void percentageThatDoesNotFitTheNodesIsNamed() {
        AggregateConfiguration node = new AggregateConfiguration(true, 50, 50, false, false);
        AggregateOptions bad = new AggregateOptions(null, 10, null, null, null, null);
        AggregateOptions good = new AggregateOptions(null, null, 10, null, null, null);
        AggregateOptions both = new AggregateOptions(null, 10, 90, null, null, null);

        CommandException badAlone = catchThrowableOfType(CommandException.class, () -> bad.over(node));
        CommandException goodAlone = catchThrowableOfType(CommandException.class, () -> good.over(node));

        assertThat(badAlone.messageText())
                .contains("configuration.percentDataBad: got 10, expected at least 50")
                .contains("the node's own percentDataGood, 50");
        assertThat(goodAlone.messageText()).contains("configuration.percentDataGood: got 10, expected at least 50");
        assertThat(both.over(node).percentDataGood()).isEqualTo(90);
    }
}
