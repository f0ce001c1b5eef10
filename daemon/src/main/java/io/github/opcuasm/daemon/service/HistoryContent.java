package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEvent;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryEventFieldList;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryModifiedData;
import org.eclipse.milo.opcua.stack.core.types.structured.ModificationInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the answers of one kind of history read hold (Part 11, 6.4 and 6.6), and what becomes of it: all in which reads of
 * values, of processed and modified values and of events differ.
 *
 * @param <D> the structure that the server answers with
 * @param <T> one value or event in our answer
 */
interface HistoryContent<D extends UaStructuredType, T> {
    HistoryContent<HistoryData, DataValue> VALUES = new Values(TimestampsToReturn.Both);

    /** Part 13, 5.4.3.1: a server refuses a read that asks for more than the source timestamps of aggregates. */
    HistoryContent<HistoryData, DataValue> PROCESSED_VALUES = new Values(TimestampsToReturn.Source);

    HistoryContent<HistoryData, ModifiedValue> MODIFIED_VALUES = new ModifiedValues();
    HistoryContent<HistoryEvent, List<Variant>> EVENTS = new Events();

    Class<D> structure();

    /** The timestamps to ask for. */
    default TimestampsToReturn timestamps() {
        return TimestampsToReturn.Both;
    }

    /** What {@link #entries} are, for messages. */
    String plural();

    /** How many values or events a page holds. */
    int entries(D page);

    /** How many values it holds in all. */
    long values(D page);

    /** Finds out what it takes to map a page; what it completes with gives the entry of an index. */
    CompletableFuture<IntFunction<T>> mapping(CallContext context, D page);

    /** HistoryData, or HistoryModifiedData, which is one. */
    final class Values implements HistoryContent<HistoryData, DataValue> {
        private final TimestampsToReturn timestamps;

        private Values(TimestampsToReturn timestamps) {
            this.timestamps = timestamps;
        }

        @Override
        public TimestampsToReturn timestamps() {
            return timestamps;
        }

        @Override
        public Class<HistoryData> structure() {
            return HistoryData.class;
        }

        @Override
        public String plural() {
            return "values";
        }

        @Override
        public int entries(HistoryData page) {
            return valuesOf(page).size();
        }

        @Override
        public long values(HistoryData page) {
            return entries(page);
        }

        @Override
        public CompletableFuture<IntFunction<DataValue>> mapping(CallContext context, HistoryData page) {
            var values = valuesOf(page);
            return context.prepared(values).thenApply(types -> index -> TypeMapper.toWire(values.get(index), types));
        }

        private static List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable DataValue> valuesOf(
                HistoryData page) {
            var values = page.getDataValues();
            return values == null ? List.of() : Arrays.asList(values);
        }
    }

    /** The same with what happened to each; a server that does not say so may answer with HistoryData alone. */
    final class ModifiedValues implements HistoryContent<HistoryData, ModifiedValue> {
        private ModifiedValues() {}

        @Override
        public Class<HistoryData> structure() {
            return HistoryData.class;
        }

        @Override
        public String plural() {
            return VALUES.plural();
        }

        @Override
        public int entries(HistoryData page) {
            return VALUES.entries(page);
        }

        @Override
        public long values(HistoryData page) {
            return VALUES.values(page);
        }

        @Override
        public CompletableFuture<IntFunction<ModifiedValue>> mapping(CallContext context, HistoryData page) {
            @Nullable
            ModificationInfo @Nullable [] infos =
                    page instanceof HistoryModifiedData modified ? modified.getModificationInfos() : null;
            return VALUES.mapping(context, page).thenApply(values -> index -> {
                ModificationInfo info = infos == null || index >= infos.length ? null : infos[index];
                return info == null
                        ? new ModifiedValue(values.apply(index), null, 0, null)
                        : modified(values.apply(index), info);
            });
        }

        private static ModifiedValue modified(DataValue value, ModificationInfo info) {
            DateTime time = TypeMapper.toWire(info.getModificationTime());
            var type = info.getUpdateType();
            return new ModifiedValue(
                    value, time.isNull() ? null : time, type == null ? 0 : type.getValue(), info.getUserName());
        }
    }

    /** HistoryEvent: of each event the fields that were asked for. */
    final class Events implements HistoryContent<HistoryEvent, List<Variant>> {
        private Events() {}

        @Override
        public Class<HistoryEvent> structure() {
            return HistoryEvent.class;
        }

        @Override
        public String plural() {
            return "events";
        }

        @Override
        public int entries(HistoryEvent page) {
            return eventsOf(page).size();
        }

        @Override
        public long values(HistoryEvent page) {
            return eventsOf(page).stream()
                    .mapToLong(event -> fieldsOf(event).size())
                    .sum();
        }

        @Override
        public CompletableFuture<IntFunction<List<Variant>>> mapping(CallContext context, HistoryEvent page) {
            var events = eventsOf(page).stream().map(Events::fieldsOf).toList();
            List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable Variant> all = new ArrayList<>();
            events.forEach(all::addAll);
            return context.preparedVariants(all).thenApply(types -> index -> fields(events.get(index), types));
        }

        private static List<Variant> fields(
                List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable Variant> fields, ServerTypes types) {
            return fields.stream().map(field -> TypeMapper.toWire(field, types)).toList();
        }

        private static List<@Nullable HistoryEventFieldList> eventsOf(HistoryEvent page) {
            var events = page.getEvents();
            return events == null ? List.of() : Arrays.asList(events);
        }

        private static List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable Variant> fieldsOf(
                @Nullable HistoryEventFieldList event) {
            var fields = event == null ? null : event.getEventFields();
            return fields == null ? List.of() : Arrays.asList(fields);
        }
    }
}
