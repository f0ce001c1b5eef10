package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * Calls any method of the protocol and prints its result as JSON. It is one request, which may change the plant, so it is
 * sent once. Whatever the result says, the exit code tells only whether there is one.
 */
final class QueryCommand implements Command {
    /** The methods of {@code query}, for the one who misspells one; which there are, the daemon knows. */
    static final List<String> METHODS = List.of(
            "getEndpoints",
            "findServers",
            "browse",
            "browseAll",
            "browseWithContinuation",
            "browseNext",
            "browseRecursive",
            "translateBrowsePaths",
            "resolveNodeId",
            "read",
            "readMulti",
            "write",
            "writeMulti",
            "call",
            "createSubscription",
            "createMonitoredItems",
            "createEventMonitoredItem",
            "modifyMonitoredItems",
            "setTriggering",
            "deleteMonitoredItems",
            "deleteSubscription",
            "publish",
            "transferSubscriptions",
            "republish",
            "historyReadRaw",
            "historyReadProcessed",
            "historyReadAtTime",
            "discoverDataTypes",
            "isConnected",
            "getConnectionState",
            "reconnect",
            "getTimeout",
            "getAutoRetry",
            "getBatchSize",
            "getDefaultBrowseMaxDepth",
            "getServerMaxNodesPerRead",
            "getServerMaxNodesPerWrite",
            "invalidateCache",
            "flushCache",
            "trustCertificate",
            "untrustCertificate",
            "getTrustStore",
            "getTrustPolicy",
            "getEventDispatcher",
            "getLogger",
            "getServerProductName",
            "getServerManufacturerName",
            "getServerSoftwareVersion",
            "getServerBuildNumber",
            "getServerBuildDate",
            "getServerBuildInfo",
            "addNodes",
            "deleteNodes",
            "addReferences",
            "deleteReferences",
            "historyReadModified",
            "historyReadEvents",
            "historyInsertData",
            "historyReplaceData",
            "historyUpdateData",
            "historyDeleteRawModified",
            "historyDeleteAtTime",
            "historyInsertEvent",
            "historyReplaceEvent",
            "historyUpdateEvent",
            "historyDeleteEvent",
            "openFile",
            "closeFile",
            "readFile",
            "writeFile",
            "getFilePosition",
            "setFilePosition",
            "createDirectory",
            "createFileInDirectory",
            "deleteFileSystemObject",
            "moveOrCopyFileSystemObject",
            "aggregate",
            "historyAggregate");

    @Override
    public void declare(CommandSpec spec) {
        Target.declare(spec);
        spec.addPositional(Syntax.argument(1, "METHOD", "a method of query, such as readMulti (docs/methods.md)"));
        spec.addPositional(Syntax.optionalArguments(
                2, "PARAM", "its parameters in their order: JSON, or text where it is no JSON"));
        SessionConfig.declare(spec);
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String target = Target.check(given);
        String method = given.matchedPositionalValue(1, "");
        List<JsonValue> params = new ArrayList<>();
        for (String param : given.matchedPositionalValue(2, List.<String>of())) {
            params.add(ValueInput.untyped(param));
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(Target.members(target, SessionConfig.of(given, console)));
        members.put("method", Json.of(method));
        members.put("params", Json.of(params));
        try (DaemonClient client = access.connect()) {
            JsonValue answer = Progress.during(console, method, () -> client.command("query", members, false));
            console.out().println(Json.text(answer));
            return ExitCode.OK;
        } catch (RequestFailedException e) {
            if (e.errorType().filter(ErrorType.FORBIDDEN_METHOD::equals).isPresent() && !METHODS.contains(method)) {
                throw new UsageException(
                        "METHOD: got " + method + NearestName.hint(method, METHODS, "docs/methods.md has them all"));
            }
            throw e;
        }
    }
}
