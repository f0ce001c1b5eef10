package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.BadValue.dataValue;
import static io.github.opcuasm.daemon.command.BadValue.flag;
import static io.github.opcuasm.daemon.command.BadValue.list;
import static io.github.opcuasm.daemon.command.BadValue.localizedText;
import static io.github.opcuasm.daemon.command.BadValue.name;
import static io.github.opcuasm.daemon.command.BadValue.node;
import static io.github.opcuasm.daemon.command.BadValue.number;
import static io.github.opcuasm.daemon.command.BadValue.object;
import static io.github.opcuasm.daemon.command.BadValue.rows;
import static io.github.opcuasm.daemon.command.BadValue.samplingInterval;
import static io.github.opcuasm.daemon.command.BadValue.text;
import static io.github.opcuasm.daemon.command.BadValue.time;
import static io.github.opcuasm.daemon.command.BadValue.type;
import static io.github.opcuasm.daemon.command.BadValue.uint32;
import static io.github.opcuasm.daemon.command.BadValue.variant;
import static io.github.opcuasm.daemon.command.BadValue.whole;

import io.github.opcuasm.daemon.command.BadValue.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The parameters of a method, written down a second time, from the protocol (sections 5 and 6): what a test expects must not
 * come from what it tests.
 *
 * @param queried whether it can be queried
 * @param invoked whether it can be invoked
 */
record MethodParameters(String method, boolean queried, boolean invoked, List<Parameter> parameters) {
    private static final String NODE = "ns=2;s=Scalars/Int32";
    private static final String FILES = "ns=2;s=Files";
    private static final String FILE = "ns=2;s=Files/data.bin";
    private static final String MANAGED = "ns=2;s=Managed";

    static final List<MethodParameters> ALL = List.of(
            both(
                    "getEndpoints",
                    text("url", "opc.tcp://127.0.0.1:1", "''", "'x'", "'http://h:1'"),
                    opt(flag("useCache"))),
            queried("findServers", text("url", "opc.tcp://127.0.0.1:1", "''", "'x'", "'http://h:1'")),
            both("browse", browse(2, opt(flag("useCache")))),
            both("browseAll", browse(2, opt(flag("useCache")))),
            both("browseWithContinuation", browse(2)),
            both("browseNext", text("continuationPoint", "x")),
            both("browseRecursive", browseRecursive()),
            both(
                    "translateBrowsePaths",
                    list(object(
                            "browsePaths",
                            node("startingNodeId", "i=84"),
                            list(object(
                                    "relativePath",
                                    opt(node("referenceTypeId", "i=33")),
                                    opt(flag("isInverse")),
                                    opt(flag("includeSubtypes")),
                                    name("targetName")))))),
            both(
                    "resolveNodeId",
                    text("path", "/Objects", "''", "'/'", "'/a//b'", "'/70000:x'", "'/2:'"),
                    opt(node("startingNodeId", "i=84")),
                    opt(flag("useCache"))),
            both("read", node("nodeId", NODE), opt(whole("attributeId", 1, 27)), opt(flag("refresh"))),
            both("readMulti", list(object("items", node("nodeId", NODE), opt(whole("attributeId", 1, 27))))),
            both("write", node("nodeId", NODE), new Parameter("value", "1", false, List.of()), opt(type("type"))),
            both(
                    "writeMulti",
                    list(object(
                            "items",
                            node("nodeId", NODE),
                            new Parameter("value", "1", false, List.of()),
                            opt(type("type")),
                            opt(whole("attributeId", 1, 27))))),
            both(
                    "call",
                    node("objectId", "ns=2;s=Methods"),
                    node("methodId", "ns=2;s=Methods/Add"),
                    opt(list(variant("inputArguments")))),
            both(
                    "createSubscription",
                    opt(number("publishingInterval")),
                    opt(uint32("lifetimeCount")),
                    opt(uint32("maxKeepAliveCount")),
                    opt(uint32("maxNotificationsPerPublish")),
                    opt(flag("publishingEnabled")),
                    opt(whole("priority", 0, 255))),
            both(
                    "createMonitoredItems",
                    uint32("subscriptionId"),
                    list(object(
                            "items",
                            node("nodeId", NODE),
                            opt(whole("attributeId", 1, 27, 13)),
                            opt(samplingInterval("samplingInterval")),
                            opt(uint32("queueSize")),
                            opt(uint32("clientHandle")),
                            opt(whole("monitoringMode", 0, 2)),
                            opt(flag("discardOldest")),
                            opt(object(
                                    "filter",
                                    opt(whole("trigger", 0, 2)),
                                    opt(whole("deadbandType", 0, 2)),
                                    opt(number("deadbandValue"))))))),
            both(
                    "createEventMonitoredItem",
                    uint32("subscriptionId"),
                    node("nodeId", "i=2253"),
                    opt(list(text("selectFields", "Message", "''", "'70000:x'", "'a//b'", "'2:'"))),
                    opt(uint32("clientHandle")),
                    opt(text("where", "Severity > 1", "''", "'Severity >'"))),
            both(
                    "modifyMonitoredItems",
                    uint32("subscriptionId"),
                    list(object(
                            "items",
                            uint32("monitoredItemId"),
                            opt(samplingInterval("samplingInterval")),
                            opt(uint32("queueSize")),
                            opt(uint32("clientHandle")),
                            opt(flag("discardOldest"))))),
            both(
                    "setTriggering",
                    uint32("subscriptionId"),
                    uint32("triggeringItemId"),
                    opt(list(uint32("linksToAdd"))),
                    opt(list(uint32("linksToRemove")))),
            both("deleteMonitoredItems", uint32("subscriptionId"), list(uint32("monitoredItemIds"))),
            both("deleteSubscription", uint32("subscriptionId")),
            both(
                    "publish",
                    opt(list(object("acknowledgements", uint32("subscriptionId"), uint32("sequenceNumber")))),
                    opt(list(uint32("subscriptionIds"))),
                    opt(whole("maxWaitMs", 0, 86_400_000))),
            both("transferSubscriptions", list(uint32("subscriptionIds")), opt(flag("sendInitialValues"))),
            both("republish", uint32("subscriptionId"), uint32("sequenceNumber")),
            both(
                    "historyReadRaw",
                    node("nodeId", "ns=2;s=History/Ramp"),
                    opt(time("startTime")),
                    opt(time("endTime")),
                    opt(uint32("numValuesPerNode")),
                    opt(flag("returnBounds"))),
            both(
                    "historyReadProcessed",
                    node("nodeId", "ns=2;s=History/Ramp"),
                    time("startTime"),
                    time("endTime"),
                    number("processingInterval"),
                    node("aggregateType", "i=2342")),
            both("historyReadAtTime", node("nodeId", "ns=2;s=History/Ramp"), list(time("timestamps"))),
            both("discoverDataTypes", opt(whole("namespaceIndex", 0, 65_535)), opt(flag("useCache"))),
            queried("isConnected"),
            queried("getConnectionState"),
            queried("reconnect"),
            queried("getTimeout"),
            queried("getAutoRetry"),
            queried("getBatchSize"),
            queried("getDefaultBrowseMaxDepth"),
            queried("getServerMaxNodesPerRead"),
            queried("getServerMaxNodesPerWrite"),
            queried("invalidateCache", node("nodeId", NODE)),
            queried("flushCache"),
            queried("trustCertificate", text("certificate", "MAA=", "''", "'!!!'", "'YQ=='")),
            queried(
                    "untrustCertificate",
                    text("fingerprint", "00", "''", "'xyz'", "'00 11'", "'" + "0".repeat(200) + "'")),
            queried("getTrustStore"),
            queried("getTrustPolicy"),
            queried("getEventDispatcher"),
            queried("getLogger"),
            invoked(
                    "aggregate",
                    list(dataValue("items")),
                    time("startTime"),
                    later("endTime"),
                    number("processingInterval"),
                    function(),
                    opt(aggregateConfiguration("daemon", "''", "'me'", "'server'"))),
            invoked(
                    "historyAggregate",
                    node("nodeId", "ns=2;s=History/Ramp"),
                    time("startTime"),
                    later("endTime"),
                    number("processingInterval"),
                    function(),
                    opt(aggregateConfiguration("server", "''", "'me'"))),
            invoked("getServerProductName"),
            invoked("getServerManufacturerName"),
            invoked("getServerSoftwareVersion"),
            invoked("getServerBuildNumber"),
            invoked("getServerBuildDate"),
            invoked("getServerBuildInfo"),
            both("openFile", node("nodeId", FILE), fileMode("mode"), opt(flag("closeWithConnection"))),
            both("closeFile", node("nodeId", FILE), uint32("fileHandle")),
            both("readFile", node("nodeId", FILE), uint32("fileHandle"), whole("length", 1, Integer.MAX_VALUE)),
            both("writeFile", node("nodeId", FILE), uint32("fileHandle"), text("data", "YQ==", "'a'", "'!!!'")),
            both("getFilePosition", node("nodeId", FILE), uint32("fileHandle")),
            both("setFilePosition", node("nodeId", FILE), uint32("fileHandle"), uint64("position")),
            both("createDirectory", node("directoryNodeId", FILES), text("name", "x", "''")),
            both(
                    "createFileInDirectory",
                    node("directoryNodeId", FILES),
                    text("name", "x", "''"),
                    opt(flag("requestFileOpen")),
                    opt(flag("closeWithConnection"))),
            both("deleteFileSystemObject", node("directoryNodeId", FILES), node("nodeId", FILE)),
            both(
                    "moveOrCopyFileSystemObject",
                    node("directoryNodeId", FILES),
                    node("source", FILE),
                    node("targetDirectory", FILES),
                    opt(flag("createCopy")),
                    opt(text("newName", "x"))),
            both(
                    "historyReadModified",
                    node("nodeId", "ns=2;s=History/Editable"),
                    opt(time("startTime")),
                    opt(time("endTime")),
                    opt(uint32("numValuesPerNode"))),
            both(
                    "historyReadEvents",
                    node("nodeId", "ns=2;s=Events/History"),
                    opt(time("startTime")),
                    opt(time("endTime")),
                    opt(uint32("numEventsPerNode")),
                    opt(list(field("selectFields"))),
                    opt(text("where", "Severity > 1", "''", "'Severity >'"))),
            both("historyInsertData", updatedData()),
            both("historyReplaceData", updatedData()),
            both("historyUpdateData", updatedData()),
            both(
                    "historyDeleteRawModified",
                    node("nodeId", "ns=2;s=History/Editable"),
                    time("startTime"),
                    time("endTime"),
                    opt(flag("isDeleteModified"))),
            both("historyDeleteAtTime", node("nodeId", "ns=2;s=History/Editable"), list(time("timestamps"))),
            both("historyInsertEvent", updatedEvents()),
            both("historyReplaceEvent", updatedEvents()),
            both("historyUpdateEvent", updatedEvents()),
            both(
                    "historyDeleteEvent",
                    node("nodeId", "ns=2;s=Events/History"),
                    list(text("eventIds", "YQ==", "'!!!'", "'YQ'"))),
            both("addNodes", list(newNode())),
            both("deleteNodes", list(object("nodes", node("nodeId", MANAGED), opt(flag("deleteTargetReferences"))))),
            both(
                    "addReferences",
                    list(object(
                            "references",
                            node("sourceNodeId", MANAGED),
                            node("referenceTypeId", "i=35"),
                            opt(flag("isForward")),
                            opt(text("targetServerUri", "urn:other")),
                            node("targetNodeId", MANAGED),
                            nodeClass("targetNodeClass", 1)))),
            both(
                    "deleteReferences",
                    list(object(
                            "references",
                            node("sourceNodeId", MANAGED),
                            node("referenceTypeId", "i=35"),
                            opt(flag("isForward")),
                            node("targetNodeId", MANAGED),
                            opt(flag("deleteBidirectional"))))));

    /** How many must be given. */
    int required() {
        int count = 0;
        for (int i = 0; i < parameters.size(); i++) {
            count = parameters.get(i).required() ? i + 1 : count;
        }
        return count;
    }

    @Override
    public String toString() {
        return method;
    }

    private static MethodParameters both(String method, Parameter... parameters) {
        return new MethodParameters(method, true, true, List.of(parameters));
    }

    private static MethodParameters queried(String method, Parameter... parameters) {
        return new MethodParameters(method, true, false, List.of(parameters));
    }

    private static MethodParameters invoked(String method, Parameter... parameters) {
        return new MethodParameters(method, false, true, List.of(parameters));
    }

    private static Parameter opt(Parameter parameter) {
        return parameter.optional();
    }

    /** A time, but another one. */
    private static Parameter later(String name) {
        Parameter time = time(name);
        return new Parameter(name, "'2026-01-01T00:01:00Z'", true, time.bad());
    }

    private static Parameter function() {
        return text("function", "average", "''", "'Average'", "'mean'", "3");
    }

    private static Parameter aggregateConfiguration(String calculatedBy, String... malformed) {
        return object(
                "configuration",
                opt(flag("treatUncertainAsBad")),
                opt(whole("percentDataBad", 0, 100)),
                opt(whole("percentDataGood", 0, 100)),
                opt(flag("useSlopedExtrapolation")),
                opt(text("calculatedBy", calculatedBy, malformed)));
    }

    /** What browses have in common, and {@code more} at the end. */
    private static Parameter[] browse(int filter, Parameter... more) {
        List<Parameter> parameters = new ArrayList<>(List.of(
                node("nodeId", "i=84"),
                opt(whole("direction", 0, 2)),
                opt(node("referenceTypeId", "i=33")),
                opt(flag("includeSubtypes")),
                opt(list(nodeClass()))));
        if (filter == 3) {
            parameters.add(2, opt(whole("maxDepth", -1, 1_000_000)));
        }
        parameters.addAll(Arrays.asList(more));
        return parameters.toArray(Parameter[]::new);
    }

    private static Parameter[] browseRecursive() {
        return browse(3);
    }

    /** 0 to 2^64 - 1. */
    private static Parameter uint64(String name) {
        return new Parameter(
                name,
                "1",
                true,
                Stream.of("''", "'x'", "'-1'", "-1", "1.5", "true", "[1]", "{}", "18446744073709551616", "1e99")
                        .map(json -> new BadValue(json, ""))
                        .toList());
    }

    private static Parameter fileMode(String name) {
        return new Parameter(
                name,
                "1",
                true,
                Stream.of("0", "16", "-1", "4", "5", "1.5", "'1'", "true", "{}", "[]", "[3]", "[4]", "[1,16]", "[[1]]")
                        .map(json -> new BadValue(json, ""))
                        .toList());
    }

    private static Parameter field(String name) {
        return text(name, "Message", "''", "'70000:x'", "'a//b'", "'2:'");
    }

    private static Parameter[] updatedData() {
        return new Parameter[] {
            node("nodeId", "ns=2;s=History/Editable"),
            list(object(
                    "values",
                    time("sourceTimestamp"),
                    new Parameter("value", "1", false, List.of()),
                    opt(type("type")),
                    opt(uint32("statusCode")),
                    opt(time("serverTimestamp"))))
        };
    }

    private static Parameter[] updatedEvents() {
        return new Parameter[] {node("nodeId", "ns=2;s=Events/History"), list(field("fields")), rows(variant("events"))
        };
    }

    /** A Variable, which has the most attributes. */
    private static Parameter newNode() {
        return object(
                "nodes",
                node("parentNodeId", MANAGED),
                node("referenceTypeId", "i=35"),
                opt(node("requestedNewNodeId", "ns=2;s=Managed/New")),
                name("browseName"),
                nodeClass("nodeClass", 2),
                node("typeDefinition", "i=63"),
                opt(localizedText("displayName")),
                opt(localizedText("description")),
                opt(uint32("writeMask")),
                opt(uint32("userWriteMask")),
                new Parameter("value", "{'type':6,'value':[1]}", false, List.of()),
                opt(node("dataType", "i=6")),
                opt(whole("valueRank", -3, 65_535, 1)),
                opt(list(uint32("arrayDimensions"))),
                opt(whole("accessLevel", 0, 127)),
                opt(whole("userAccessLevel", 0, 127)),
                opt(samplingInterval("minimumSamplingInterval")),
                opt(flag("historizing")));
    }

    private static Parameter nodeClass(String name, int valid) {
        Parameter whole = whole(name, 1, 128, valid);
        List<BadValue> bad = new ArrayList<>(whole.bad());
        for (String other : List.of("0", "3", "127", "256", "'Node'", "'variable'")) {
            bad.add(new BadValue(other, ""));
        }
        return new Parameter(name, whole.valid(), true, bad);
    }

    private static Parameter nodeClass() {
        Parameter whole = whole("nodeClasses", 0, 128);
        List<BadValue> bad = new ArrayList<>(whole.bad());
        bad.add(new BadValue("3", ""));
        bad.add(new BadValue("127", ""));
        return new Parameter(whole.name(), whole.valid(), true, bad);
    }
}
