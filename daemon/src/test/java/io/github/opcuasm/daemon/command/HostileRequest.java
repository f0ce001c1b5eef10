package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * A request, and the service whose answer a hostile server spoils for it.
 *
 * @param node what the spoilt answer is about; null = any answer of the service
 * @param method for {@code query} unless it starts with {@code invoke}
 * @param params {@code SUB} and {@code ITEM} stand for a subscription and its item, {@code POINT} for a continuation point
 * @param repeatable whether it answers the same each time, but for what {@link #lasting} leaves out
 */
record HostileRequest(Service service, @Nullable NodeId node, String method, String params, boolean repeatable) {
    /** Members that differ from time to time. */
    private static final Set<String> PASSING =
            Set.of("serverTimestamp", "sourceTimestamp", "continuationPoint", "serverTs", "sourceTs");

    /** What the methods of the protocol ask of a server. */
    static List<HostileRequest> all() {
        return List.of(
                of(Service.READ, "Scalars/String", "read", "['ns=2;s=Scalars/String']"),
                of(Service.READ, "Scalars/DateTime", "read", "['ns=2;s=Scalars/DateTime']"),
                of(Service.READ, "Structures/Mixed", "read", "['ns=2;s=Structures/Mixed']"),
                of(
                        Service.READ,
                        "Arrays/String",
                        "readMulti",
                        "[[{'nodeId':'ns=2;s=Scalars/Byte'},{'nodeId':'ns=2;s=Arrays/String'},{'nodeId':'i=2267'}]]"),
                of(Service.READ, "Scalars/UInt16", "write", "['ns=2;s=Scalars/UInt16',16]"),
                of(Service.READ, null, "discoverDataTypes", "[null,false]"),
                of(Service.BROWSE, null, "discoverDataTypes", "[null,false]"),
                of(Service.READ, null, "invoke getServerBuildInfo", "[]"),
                of(Service.WRITE, "Scalars/Int16", "write", "['ns=2;s=Scalars/Int16',16,4]"),
                of(
                        Service.WRITE,
                        "Scalars/Int16",
                        "writeMulti",
                        "[[{'nodeId':'ns=2;s=Scalars/Int16','value':1,'type':4},"
                                + "{'nodeId':'ns=2;s=Scalars/Float','value':1,'type':10}]]"),
                of(Service.CALL, null, "call", "['ns=2;s=Methods','ns=2;s=Methods/MultiOutput',[]]"),
                of(
                        Service.CALL,
                        null,
                        "invoke call",
                        "['ns=2;s=Methods','ns=2;s=Methods/Echo',[{'type':13,'value':'2026-01-01T00:00:00Z'}]]"),
                of(Service.BROWSE, null, "browse", "['ns=2;s=Quality',0,null,true,[],false]"),
                of(Service.BROWSE, null, "browseAll", "['ns=2;s=Quality',0,null,true,[],false]"),
                of(Service.BROWSE_NEXT, null, "browseAll", "['ns=2;s=Quality',0,null,true,[],false]"),
                of(Service.BROWSE, null, "browseRecursive", "['ns=2;s=Cycle',0,2]"),
                of(Service.BROWSE_NEXT, null, "browseRecursive", "['ns=2;s=Quality',0,2]"),
                of(Service.BROWSE, null, "browseWithContinuation", "['ns=2;s=Quality']"),
                of(Service.BROWSE_NEXT, null, "browseNext", "[POINT]"),
                of(
                        Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS,
                        null,
                        "translateBrowsePaths",
                        "[[{'startingNodeId':'i=85','relativePath':[{'targetName':{'ns':0,'name':'Server'}}]}]]"),
                of(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS, null, "resolveNodeId", "['/Objects/Server',null,false]"),
                of(Service.GET_ENDPOINTS, null, "getEndpoints", "[URL,false]"),
                of(Service.HISTORY_READ, null, "historyReadRaw", "['ns=2;s=History/Ramp',null," + LATE + ",5]"),
                of(
                        Service.HISTORY_READ,
                        null,
                        "historyReadProcessed",
                        "['ns=2;s=History/Ramp','2026-01-01T00:00:00Z','2026-01-01T00:00:10Z',1000,'i=2342']"),
                of(Service.HISTORY_READ, null, "historyReadAtTime", "['ns=2;s=History/Ramp',[" + LATE + "]]"),
                passing(Service.CREATE_SUBSCRIPTION, "createSubscription", "[100]"),
                passing(
                        Service.CREATE_MONITORED_ITEMS,
                        "createMonitoredItems",
                        "[SUB,[{'nodeId':'ns=2;s=Scalars/Int16'},{'nodeId':'ns=2;s=Scalars/Int64'}]]"),
                passing(Service.CREATE_MONITORED_ITEMS, "createEventMonitoredItem", "[SUB,'ns=2;s=Events/Notifier']"),
                passing(
                        Service.MODIFY_MONITORED_ITEMS,
                        "modifyMonitoredItems",
                        "[SUB,[{'monitoredItemId':ITEM,'samplingInterval':200}]]"),
                passing(Service.SET_TRIGGERING, "setTriggering", "[SUB,ITEM,[ITEM],[]]"),
                passing(Service.DELETE_MONITORED_ITEMS, "deleteMonitoredItems", "[SUB,[ITEM]]"),
                passing(Service.PUBLISH, "publish", "[[],null,2000]"),
                passing(Service.REPUBLISH, "republish", "[SUB,1]"),
                passing(Service.TRANSFER_SUBSCRIPTIONS, "transferSubscriptions", "[[4000000000]]"),
                passing(Service.DELETE_SUBSCRIPTIONS, "deleteSubscription", "[SUB]"));
    }

    private static final String LATE = "'2036-01-01T00:00:00Z'";

    private static HostileRequest of(Service service, @Nullable String node, String method, String params) {
        return new HostileRequest(service, node == null ? null : Simulator.node(node), method, params, true);
    }

    private static HostileRequest passing(Service service, String method, String params) {
        return new HostileRequest(service, null, method, params, false);
    }

    boolean changesPlant() {
        return Set.of("write", "writeMulti", "call", "invoke call").contains(method);
    }

    /** What stays the same when a request is repeated. */
    static JsonValue lasting(JsonValue value) {
        if (value instanceof JsonValue.Arr array) {
            return new JsonValue.Arr(
                    array.elements().stream().map(HostileRequest::lasting).toList());
        }
        if (value instanceof JsonValue.Obj object) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            object.members().forEach((name, member) -> {
                if (!PASSING.contains(name)) {
                    members.put(name, lasting(member));
                }
            });
            return new JsonValue.Obj(members);
        }
        return value;
    }

    @Override
    public String toString() {
        return service + " of " + method + (node == null ? "" : " " + node.getIdentifier());
    }
}
