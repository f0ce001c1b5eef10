package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.daemon.aggregate.Aggregator;
import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.AggregateFunction;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates (Part 13): of values that a caller has, and of a node's history. Where a server offers the aggregate for the
 * node it is asked (HistoryRead, ReadProcessedDetails); where not, or where it says no after all, the daemon reads the raw
 * values and calculates itself. docs/aggregates.md tells the rules.
 *
 * <p>Long calculations have a thread of their own: nothing that answers requests or servers waits for them.
 */
public final class AggregateService {
    /** A result with two timestamps; a value with what the calculation keeps beside it. */
    private static final int WEIGHT = 256;

    /** Values and intervals that take less time than going to another thread would be worth. */
    private static final int AT_ONCE = 10_000;

    private static final int MAX_WAITING = 64;

    /** With what servers refuse processed reads, this function, this configuration or the timestamps of its results. */
    private static final Set<Long> CANNOT = Set.of(
            StatusCodes.Bad_AggregateNotSupported,
            StatusCodes.Bad_AggregateConfigurationRejected,
            StatusCodes.Bad_HistoryOperationUnsupported,
            StatusCodes.Bad_HistoryOperationInvalid,
            StatusCodes.Bad_NotSupported,
            StatusCodes.Bad_NotImplemented,
            StatusCodes.Bad_TimestampsToReturnInvalid,
            StatusCodes.Bad_TimestampNotSupported);

    private final HistoryService history;
    private final HistoricalConfigurations configurations;
    private final GatheredPages gathered;
    private final ThreadPoolExecutor calculating;

    /** Where it may be remembered what servers say about aggregates. */
    @FunctionalInterface
    public interface Memory {
        /** Remembers nothing. */
        Memory NONE = (context, node, question, ask) -> ask.get();

        /**
         * What is remembered, or what {@code ask} gives. That is not kept if it fails, nor if a value of it is Bad.
         *
         * @param node what it is about
         * @param question what is asked of it; another one has another answer
         */
        CompletableFuture<List<DataValue>> get(
                CallContext context,
                NodeReference node,
                String question,
                Supplier<CompletableFuture<List<DataValue>>> ask);
    }

    public AggregateService(
            HistoryService history,
            AttributeService attributes,
            ViewService views,
            Memory memory,
            GatheredPages gathered) {
        this.history = history;
        this.configurations =
                new HistoricalConfigurations(HistoricalConfigurations.AddressSpace.of(attributes, views), memory);
        this.gathered = gathered;
        this.calculating =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "opcua-aggregates");
                    thread.setDaemon(true);
                    return thread;
                });
        calculating.allowCoreThreadTimeOut(true);
    }

    /**
     * The aggregate of these values; no server is asked.
     *
     * @param values in any order
     * @return fails with {@code invalid_argument} for a value without a time, with {@code overloaded} if there is no room
     */
    public CompletableFuture<List<DataValue>> aggregate(
            List<DataValue> values,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateOptions options) {
        return calculate(values, intervals, function, options.over(AggregateConfiguration.DEFAULT));
    }

    /**
     * The aggregate of a node's history.
     *
     * @return fails with {@code ServiceException} if the server refuses the history, and with {@code overloaded} for more
     *     raw values than {@link HistoryService#readRaw} gives
     */
    public CompletableFuture<List<DataValue>> historyAggregate(
            CallContext context,
            NodeReference node,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateOptions options) {
        if (options.calculatedBy() == AggregateOptions.Calculator.SERVER && !options.isForServer()) {
            return byServer(context, node, intervals, function, null);
        }
        return configurations.of(context, node).thenCompose(told -> {
            AggregateConfiguration configuration = options.over(told.configuration());
            AggregateConfiguration request = options.isForServer() ? configuration : null;
            if (options.calculatedBy() == AggregateOptions.Calculator.SERVER) {
                return byServer(context, node, intervals, function, request);
            }
            if (options.calculatedBy() == AggregateOptions.Calculator.DAEMON || options.stepped() != null) {
                return byDaemon(context, node, intervals, function, configuration);
            }
            return configurations
                    .isOffered(context, node, told, function)
                    .thenCompose(offered -> offered
                            ? byEither(context, node, intervals, function, configuration, request)
                            : byDaemon(context, node, intervals, function, configuration));
        });
    }

    private CompletableFuture<List<DataValue>> byEither(
            CallContext context,
            NodeReference node,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration,
            @Nullable AggregateConfiguration request) {
        return orElse(
                byServer(context, node, intervals, function, request),
                intervals,
                () -> byDaemon(context, node, intervals, function, configuration));
    }

    /** What the server calculated; what the daemon does where that cannot, or gives another number of values. */
    static CompletableFuture<List<DataValue>> orElse(
            CompletableFuture<List<DataValue>> byServer,
            ProcessingIntervals intervals,
            Supplier<CompletableFuture<List<DataValue>>> byDaemon) {
        return byServer.handle((values, failure) -> {
                    if (failure == null) {
                        // Which interval a value is of would be anybody's guess if some were left out.
                        return values.size() == intervals.count()
                                ? CompletableFuture.completedFuture(values)
                                : byDaemon.get();
                    }
                    Throwable cause = OpcUaErrors.unwrap(failure);
                    boolean cannot = cause instanceof CommandException refusal
                            && refusal.statusCode() != null
                            && CANNOT.contains(refusal.statusCode());
                    return cannot
                            ? byDaemon.get()
                            : CompletableFuture.<List<DataValue>>failedFuture(new CompletionException(cause));
                })
                .thenCompose(values -> values);
    }

    private CompletableFuture<List<DataValue>> byServer(
            CallContext context,
            NodeReference node,
            ProcessingIntervals intervals,
            AggregateFunction function,
            @Nullable AggregateConfiguration configuration) {
        return history.readProcessed(
                context,
                node,
                intervals.start(),
                intervals.end(),
                intervals.processingInterval(),
                function.nodeId(),
                configuration);
    }

    private CompletableFuture<List<DataValue>> byDaemon(
            CallContext context,
            NodeReference node,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        RawHistory.Source source =
                (start, end, count, withBounds) -> history.readRaw(context, node, start, end, count, withBounds);
        return new RawHistory(source, intervals, function, configuration)
                .read()
                .thenCompose(values -> calculate(values, intervals, function, configuration));
    }

    private CompletableFuture<List<DataValue>> calculate(
            List<DataValue> values,
            ProcessingIntervals intervals,
            AggregateFunction function,
            AggregateConfiguration configuration) {
        GatheredPages.Share share = gathered.begin();
        long size = (long) values.size() + intervals.count();
        CompletableFuture<List<DataValue>> result;
        try {
            share.add(size * WEIGHT);
            result = size <= AT_ONCE
                    ? CompletableFuture.completedFuture(
                            Aggregator.aggregate(values, intervals, function, configuration))
                    : CompletableFuture.supplyAsync(
                            () -> Aggregator.aggregate(values, intervals, function, configuration), calculating);
        } catch (RejectedExecutionException full) {
            result = CompletableFuture.failedFuture(new CommandException(
                    ErrorType.OVERLOADED,
                    "There are " + MAX_WAITING
                            + " long calculations waiting already; try again later, or ask for less"));
        } catch (CommandException refused) {
            result = CompletableFuture.failedFuture(refused);
        }
        return share.endWith(result);
    }
}
