package io.github.opcuasm.daemon.service;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Variant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.AggregateConfiguration;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadAtTimeDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadEventDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadProcessedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.jspecify.annotations.Nullable;

/**
 * HistoryRead of one node's values or events (Part 4, 5.11.3; Part 11, 6.5). What a combination of times and counts means, and
 * whether it is allowed, is for the server to judge: a bad result of its own is a {@code ServiceException}, no data is no
 * values and no events.
 */
public final class HistoryService {
    private static final int UNLIMITED = 0;

    private final UnawaitedCalls unawaited;
    private final GatheredPages gathered;

    public HistoryService(Ticker ticker, GatheredPages gathered) {
        this.unawaited = new UnawaitedCalls(ticker);
        this.gathered = gathered;
    }

    /**
     * The values as they were recorded (ReadRawModifiedDetails). An end before the start asks for the newest first.
     *
     * @param startTime null = not given; then {@code endTime} and {@code numValuesPerNode} have to be
     * @param endTime null = not given; then {@code startTime} and {@code numValuesPerNode} have to be
     * @param numValuesPerNode at most so many values, however many answers they come in; 0 = all, up to
     *     {@value HistoryReading#MAX_VALUES}
     */
    public CompletableFuture<List<DataValue>> readRaw(
            CallContext context,
            NodeReference nodeId,
            @Nullable DateTime startTime,
            @Nullable DateTime endTime,
            long numValuesPerNode,
            boolean returnBounds) {
        ReadRawModifiedDetails details = new ReadRawModifiedDetails(
                false, timeOf(startTime), timeOf(endTime), uint(numValuesPerNode), returnBounds);
        return reading(HistoryContent.VALUES, context, nodeId, numValuesPerNode).run(namespaces -> details);
    }

    /**
     * The values that were replaced or deleted, and what happened to them (ReadRawModifiedDetails with isReadModified);
     * times and count as in {@link #readRaw}.
     */
    public CompletableFuture<List<ModifiedValue>> readModified(
            CallContext context,
            NodeReference nodeId,
            @Nullable DateTime startTime,
            @Nullable DateTime endTime,
            long numValuesPerNode) {
        ReadRawModifiedDetails details =
                new ReadRawModifiedDetails(true, timeOf(startTime), timeOf(endTime), uint(numValuesPerNode), false);
        return reading(HistoryContent.MODIFIED_VALUES, context, nodeId, numValuesPerNode)
                .run(namespaces -> details);
    }

    /**
     * The events of an object (ReadEventDetails); times and count as in {@link #readRaw}.
     *
     * @param filter which events, and what of them; its types have been looked for ({@link EventTypeNames})
     * @return of each event its fields in the order of the filter
     */
    public CompletableFuture<List<List<Variant>>> readEvents(
            CallContext context,
            NodeReference nodeId,
            @Nullable DateTime startTime,
            @Nullable DateTime endTime,
            long numEventsPerNode,
            MonitoringFilter.Event filter) {
        return reading(HistoryContent.EVENTS, context, nodeId, numEventsPerNode)
                .run(namespaces -> new ReadEventDetails(
                        uint(numEventsPerNode),
                        timeOf(startTime),
                        timeOf(endTime),
                        filter.filter(context.session().encodingContext(), namespaces)));
    }

    /**
     * One value an interval (ReadProcessedDetails), under the aggregate configuration that the server has for the node. Its
     * source timestamp alone is asked for (Part 13, 5.4.3.1): there is no server timestamp unless a server gives it unasked.
     *
     * @param processingInterval milliseconds; 0 = one interval from start to end
     * @param aggregateType an aggregate function: {@code i=2342} is Average
     */
    public CompletableFuture<List<DataValue>> readProcessed(
            CallContext context,
            NodeReference nodeId,
            DateTime startTime,
            DateTime endTime,
            double processingInterval,
            NodeReference aggregateType) {
        return readProcessed(context, nodeId, startTime, endTime, processingInterval, aggregateType, null);
    }

    /**
     * As {@link #readProcessed(CallContext, NodeReference, DateTime, DateTime, double, NodeReference)}.
     *
     * @param configuration null = the server's own
     */
    CompletableFuture<List<DataValue>> readProcessed(
            CallContext context,
            NodeReference nodeId,
            DateTime startTime,
            DateTime endTime,
            double processingInterval,
            NodeReference aggregateType,
            io.github.opcuasm.daemon.aggregate.@Nullable AggregateConfiguration configuration) {
        AggregateConfiguration asked = configuration == null
                ? new AggregateConfiguration(true, false, ubyte(0), ubyte(0), false)
                : new AggregateConfiguration(
                        false,
                        configuration.treatUncertainAsBad(),
                        ubyte(configuration.percentDataBad()),
                        ubyte(configuration.percentDataGood()),
                        configuration.useSlopedExtrapolation());
        return reading(HistoryContent.PROCESSED_VALUES, context, nodeId, UNLIMITED)
                .run(namespaces -> new ReadProcessedDetails(
                        TypeMapper.toMilo(startTime),
                        TypeMapper.toMilo(endTime),
                        processingInterval,
                        new NodeId[] {TypeMapper.toMilo(aggregateType, namespaces)},
                        asked));
    }

    /** The values at these times, recorded or interpolated between simple bounds (ReadAtTimeDetails). */
    public CompletableFuture<List<DataValue>> readAtTime(
            CallContext context, NodeReference nodeId, List<DateTime> times) {
        Batches.requireSome(times, "timestamps");
        ReadAtTimeDetails details = new ReadAtTimeDetails(
                times.stream()
                        .map(TypeMapper::toMilo)
                        .toArray(org.eclipse.milo.opcua.stack.core.types.builtin.DateTime[]::new),
                true);
        return reading(HistoryContent.VALUES, context, nodeId, UNLIMITED).run(namespaces -> details);
    }

    private <D extends UaStructuredType, T> HistoryReading<D, T> reading(
            HistoryContent<D, T> content, CallContext context, NodeReference nodeId, long limit) {
        return new HistoryReading<>(content, unawaited, context, nodeId, limit, gathered.begin());
    }

    private static org.eclipse.milo.opcua.stack.core.types.builtin.DateTime timeOf(@Nullable DateTime time) {
        return time == null
                ? org.eclipse.milo.opcua.stack.core.types.builtin.DateTime.NULL_VALUE
                : TypeMapper.toMilo(time);
    }
}
