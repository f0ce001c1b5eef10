package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.BrowseRequestItem;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.daemon.service.ReadItem;
import io.github.opcuasm.daemon.service.ViewService;
import io.github.opcuasm.daemon.service.WriteItem;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonBody;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.json.ValueWriter;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The methods that {@code query} takes, one row each: name, parameters, what it does (docs/protocol.md, section 5). */
final class MethodTable {
    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;
    private static final int LAST_BUILTIN_TYPE = 25;
    private static final int REFERENCE_WEIGHT = 256;

    private final Map<String, Method> methods = new HashMap<>();

    /** What a method does with its parameters; a future that completes with the answer, or fails with its error. */
    @FunctionalInterface
    interface Action {
        CompletableFuture<Response> run(CallContext context, Params params);
    }

    /**
     * One row.
     *
     * @param changesPlant whether its errors say whether it may have been carried out
     */
    record Method(String name, boolean changesPlant, Action action) {}

    MethodTable(AttributeService attributes, ViewService views) {
        reading(
                "read",
                (context, p) -> attributes
                        .read(
                                context,
                                new ReadItem(
                                        p.nodeId(0, "nodeId"), p.whole(1, "attributeId", 1, LAST_ATTRIBUTE, VALUE)))
                        .thenApply(MethodTable::dataValue));
        reading(
                "readMulti",
                (context, p) -> attributes
                        .readMulti(context, readItems(p.requiredList(0, "items")))
                        .thenApply(MethodTable::dataValues));
        changing(
                "write",
                (context, p) -> attributes
                        .write(
                                context,
                                List.of(new WriteItem(
                                        p.nodeId(0, "nodeId"),
                                        p.value(1, "value"),
                                        type(p.get(2), "type"),
                                        VALUE,
                                        "value")))
                        .thenApply(codes -> answer(out -> ValueWriter.statusCode(out, codes.get(0)))));
        changing(
                "writeMulti",
                (context, p) -> attributes
                        .write(context, writeItems(p.requiredList(0, "items")))
                        .thenApply(codes -> answer(out -> out.elements(codes, ValueWriter::statusCode))));
        reading("browse", (context, p) -> views.browse(context, browseItem(p)).thenApply(MethodTable::references));
        reading(
                "browseAll",
                (context, p) -> views.browseAll(context, browseItem(p)).thenApply(MethodTable::references));

        telling("isConnected", context -> bool(context.session().state() instanceof SessionState.Active));
        telling("getConnectionState", context -> text(context.session().state().wireName()));
        reading(
                "reconnect",
                (context, p) -> context.session()
                        .ensureActive(context.nextDeadline())
                        .thenApply(done -> answer(JsonBody.NULL)));
        telling("getTimeout", context -> {
            double seconds = context.config().opcuaTimeout().toNanos() / 1e9;
            return out -> out.number(seconds);
        });
        counting("getAutoRetry", context -> context.config().autoRetry());
        telling("getBatchSize", context -> wholeOrNull(context.config().batchSize()));
        counting("getDefaultBrowseMaxDepth", context -> context.config().defaultBrowseMaxDepth());
        telling("getServerMaxNodesPerRead", context -> limit(context, ServerInfo::maxNodesPerRead));
        telling("getServerMaxNodesPerWrite", context -> limit(context, ServerInfo::maxNodesPerWrite));
        for (String name : List.of("getTrustStore", "getTrustPolicy", "getEventDispatcher", "getLogger")) {
            telling(name, context -> JsonBody.NULL);
        }
    }

    @Nullable
    Method find(String name) {
        return methods.get(name);
    }

    private void reading(String name, Action action) {
        methods.put(name, new Method(name, false, action));
    }

    private void changing(String name, Action action) {
        methods.put(name, new Method(name, true, action));
    }

    /** A method that asks nobody. */
    private void telling(String name, Function<CallContext, JsonBody> answer) {
        reading(name, (context, params) -> CompletableFuture.completedFuture(answer(answer.apply(context))));
    }

    private void counting(String name, ToIntFunction<CallContext> count) {
        telling(name, context -> wholeOrNull(count.applyAsInt(context)));
    }

    private static List<ReadItem> readItems(List<JsonValue> elements) {
        List<ReadItem> items = new ArrayList<>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            String name = "items[" + i + "]";
            JsonValue.Obj item = Params.object(elements.get(i), name);
            items.add(new ReadItem(
                    ValueReader.readNodeReference(member(item, name, "nodeId"), name + ".nodeId"),
                    attribute(item, name)));
        }
        return items;
    }

    private static List<WriteItem> writeItems(List<JsonValue> elements) {
        List<WriteItem> items = new ArrayList<>(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            String name = "items[" + i + "]";
            JsonValue.Obj item = Params.object(elements.get(i), name);
            JsonValue value = item.members().get("value");
            if (value == null) {
                throw Params.missing(name + ".value", "a value");
            }
            items.add(new WriteItem(
                    ValueReader.readNodeReference(member(item, name, "nodeId"), name + ".nodeId"),
                    value,
                    type(item.get("type"), name + ".type"),
                    attribute(item, name),
                    name + ".value"));
        }
        return items;
    }

    private static BrowseRequestItem browseItem(Params p) {
        int mask = 0;
        List<JsonValue> classes = p.list(4, "nodeClasses");
        for (int i = 0; i < classes.size(); i++) {
            String name = "nodeClasses[" + i + "]";
            int nodeClass = Params.wholeOf(classes.get(i), name, 0, 128);
            if (Integer.bitCount(nodeClass) > 1) {
                throw CommandException.invalidArgument(
                        name, String.valueOf(nodeClass), "a node class: 1, 2, 4, 8, 16, 32, 64 or 128");
            }
            mask |= nodeClass;
        }
        return new BrowseRequestItem(
                p.nodeId(0, "nodeId"),
                p.whole(1, "direction", 0, 2, 0),
                p.nodeIdOrNull(2, "referenceTypeId"),
                p.flag(3, "includeSubtypes", true),
                mask);
    }

    private static JsonValue member(JsonValue.Obj item, String itemName, String member) {
        JsonValue value = item.get(member);
        if (value == null) {
            throw Params.missing(itemName + "." + member, "a NodeId");
        }
        return value;
    }

    private static int attribute(JsonValue.Obj item, String itemName) {
        JsonValue value = item.get("attributeId");
        return value == null ? VALUE : Params.wholeOf(value, itemName + ".attributeId", 1, LAST_ATTRIBUTE);
    }

    private static @Nullable BuiltinType type(@Nullable JsonValue value, String name) {
        return value == null
                ? null
                : BuiltinType.of(Params.wholeOf(value, name, 1, LAST_BUILTIN_TYPE))
                        .orElseThrow();
    }

    private static JsonBody limit(CallContext context, Function<ServerInfo, @Nullable Long> limit) {
        Integer batchSize = context.config().batchSize();
        boolean batchingOff = batchSize != null && batchSize == 0;
        Long value = limit.apply(context.session().serverInfo());
        return batchingOff || value == null ? JsonBody.NULL : out -> out.number(value);
    }

    private static JsonBody wholeOrNull(@Nullable Integer value) {
        return value == null ? JsonBody.NULL : out -> out.number(value.longValue());
    }

    private static JsonBody bool(boolean value) {
        return out -> out.bool(value);
    }

    private static JsonBody text(String value) {
        return out -> out.string(value);
    }

    private static Response answer(JsonBody data) {
        return Response.success(data);
    }

    private static Response dataValue(DataValue value) {
        return new Response.Success(out -> ValueWriter.dataValue(out, value), Weight.of(value));
    }

    private static Response dataValues(List<DataValue> values) {
        long weight = values.stream().mapToLong(Weight::of).sum();
        return new Response.Success(out -> out.elements(values, ValueWriter::dataValue), weight);
    }

    private static Response references(List<ReferenceDescription> references) {
        return new Response.Success(
                out -> out.elements(references, ValueWriter::referenceDescription),
                (long) references.size() * REFERENCE_WEIGHT);
    }
}
