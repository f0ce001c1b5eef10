package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.type.AddNodesResult;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.BrowsePathTarget;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.ConnectionState;
import io.github.opcuasm.protocol.type.CreateFileResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.HistoryUpdateResult;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a method gave as a typed value, the notation that {@code invoke} answers with (protocol, section 6).
 * {@link WireReader} reads it back into the plain shapes that {@link ResultWriter} writes.
 */
public final class WireWriter {
    private WireWriter() {}

    /**
     * Writes one result.
     *
     * @param result whatever {@link ResultWriter#write} takes, and the results that only {@code invoke} has; an {@code
     *     EndpointDescription} and the like become objects with {@code __t}, lists become arrays, null becomes null
     * @throws IllegalArgumentException for an object of any other class
     */
    public static void write(JsonOutput out, @Nullable Object result) throws IOException {
        if (result instanceof List<?> list) {
            out.elements(list, WireWriter::write);
        } else if (result instanceof BuiltinType type) {
            WireValueWriter.enumeration(out, "BuiltinType", type.id());
        } else if (result instanceof ConnectionState state) {
            WireValueWriter.start(out, "ConnectionState");
            out.name("v");
            out.string(state.wireName());
            out.endObject();
        } else if (result instanceof Record) {
            if (!value(out, result) && !WireSubscriptionWriter.write(out, result)) {
                record(out, result);
            }
        } else {
            ResultWriter.write(out, result);
        }
    }

    /** Whether it was a value of its own, as variants hold them, and is written. */
    private static boolean value(JsonOutput out, Object result) throws IOException {
        if (result instanceof DataValue value) {
            WireValueWriter.dataValue(out, value);
        } else if (result instanceof StatusCode code) {
            ValueWriter.statusCode(out, code);
        } else if (result instanceof Variant variant) {
            WireValueWriter.variant(out, variant);
        } else if (result instanceof NodeId nodeId) {
            WireValueWriter.nodeId(out, nodeId);
        } else if (result instanceof ExpandedNodeId nodeId) {
            WireValueWriter.expandedNodeId(out, nodeId);
        } else if (result instanceof DateTime time) {
            WireValueWriter.dateTime(out, time);
        } else if (result instanceof QualifiedName name) {
            WireValueWriter.qualifiedName(out, name);
        } else if (result instanceof LocalizedText text) {
            WireValueWriter.localizedText(out, text);
        } else if (result instanceof ExtensionObject object) {
            WireValueWriter.extensionObject(out, object);
        } else {
            return false;
        }
        return true;
    }

    private static void record(JsonOutput out, Object result) throws IOException {
        if (result instanceof ReferenceDescription reference) {
            referenceDescription(out, reference);
        } else if (result instanceof BrowseResultSet page) {
            browseResultSet(out, page);
        } else if (result instanceof BrowseNode node) {
            browseNode(out, node);
        } else if (result instanceof BrowsePathResult path) {
            browsePathResult(out, path);
        } else if (result instanceof BrowsePathTarget target) {
            browsePathTarget(out, target);
        } else if (result instanceof CallResult call) {
            callResult(out, call);
        } else if (result instanceof EndpointDescription endpoint) {
            endpointDescription(out, endpoint);
        } else if (result instanceof UserTokenPolicy policy) {
            userTokenPolicy(out, policy);
        } else if (result instanceof AddNodesResult node) {
            addNodesResult(out, node);
        } else if (result instanceof BuildInfo info) {
            buildInfo(out, info);
        } else if (result instanceof CreateFileResult file) {
            createFileResult(out, file);
        } else if (result instanceof HistoryUpdateResult update) {
            historyUpdateResult(out, update);
        } else if (result instanceof ModifiedValue modified) {
            modifiedValue(out, modified);
        } else {
            throw new IllegalArgumentException(
                    "result: got " + result.getClass().getName() + ", which no method answers with");
        }
    }

    private static void referenceDescription(JsonOutput out, ReferenceDescription reference) throws IOException {
        WireValueWriter.start(out, "ReferenceDescription");
        out.name("refType");
        WireValueWriter.nodeId(out, reference.referenceTypeId());
        out.name("isForward");
        out.bool(reference.isForward());
        out.name("nodeId");
        WireValueWriter.expandedNodeId(out, reference.nodeId());
        out.name("browseName");
        WireValueWriter.qualifiedName(out, reference.browseName());
        out.name("displayName");
        WireValueWriter.localizedText(out, reference.displayName());
        out.then(() -> {
            out.name("nodeClass");
            WireValueWriter.enumeration(out, "NodeClass", reference.nodeClass());
            out.name("typeDef");
            WireValueWriter.expandedNodeId(out, reference.typeDefinition());
            out.endObject();
        });
    }

    private static void browseResultSet(JsonOutput out, BrowseResultSet page) throws IOException {
        WireValueWriter.start(out, "BrowseResultSet");
        out.name("refs");
        out.elements(page.references(), WireWriter::referenceDescription);
        out.then(() -> {
            String point = page.continuationPoint();
            out.name("cpB64");
            if (point == null) {
                out.nullValue();
                out.endObject();
            } else {
                out.base64(point.getBytes(StandardCharsets.US_ASCII));
                out.then(out::endObject);
            }
        });
    }

    private static void browseNode(JsonOutput out, BrowseNode node) throws IOException {
        WireValueWriter.start(out, "BrowseNode");
        out.name("reference");
        out.body(o -> referenceDescription(o, node.reference()));
        out.then(() -> {
            out.name("children");
            // Handed over: the depth of the tree must not become the depth of calls.
            out.elements(node.children(), (o, child) -> o.body(inner -> browseNode(inner, child)));
            out.then(out::endObject);
        });
    }

    private static void browsePathResult(JsonOutput out, BrowsePathResult path) throws IOException {
        WireValueWriter.start(out, "BrowsePathResult");
        out.name("status");
        ValueWriter.statusCode(out, path.statusCode());
        out.name("targets");
        out.elements(path.targets(), WireWriter::browsePathTarget);
        out.then(out::endObject);
    }

    private static void browsePathTarget(JsonOutput out, BrowsePathTarget target) throws IOException {
        WireValueWriter.start(out, "BrowsePathTarget");
        out.name("target");
        WireValueWriter.expandedNodeId(out, target.targetId());
        out.name("remaining");
        out.number(target.remainingPathIndex());
        out.endObject();
    }

    private static void callResult(JsonOutput out, CallResult call) throws IOException {
        WireValueWriter.start(out, "CallResult");
        out.name("status");
        ValueWriter.statusCode(out, call.statusCode());
        out.name("inputResults");
        WireValueWriter.statusCodes(out, call.inputArgumentResults());
        out.then(() -> {
            out.name("output");
            out.elements(call.outputArguments(), WireValueWriter::variant);
            out.then(out::endObject);
        });
    }

    private static void endpointDescription(JsonOutput out, EndpointDescription endpoint) throws IOException {
        WireValueWriter.start(out, "EndpointDescription");
        out.name("url");
        out.string(endpoint.endpointUrl());
        out.name("cert");
        out.base64(endpoint.serverCertificate());
        out.then(() -> {
            out.name("mode");
            out.number(endpoint.securityMode());
            out.name("policy");
            out.string(endpoint.securityPolicyUri());
            out.name("tokens");
            out.elements(endpoint.userIdentityTokens(), WireWriter::userTokenPolicy);
            out.then(() -> {
                out.name("profile");
                out.string(endpoint.transportProfileUri());
                out.name("level");
                out.number(endpoint.securityLevel());
                out.endObject();
            });
        });
    }

    private static void userTokenPolicy(JsonOutput out, UserTokenPolicy policy) throws IOException {
        WireValueWriter.start(out, "UserTokenPolicy");
        out.name("policyId");
        out.string(policy.policyId());
        out.name("tokenType");
        out.number(policy.tokenType());
        out.name("issuedType");
        out.string(policy.issuedTokenType());
        out.name("issuer");
        out.string(policy.issuerEndpointUrl());
        out.name("policy");
        out.string(policy.securityPolicyUri());
        out.endObject();
    }

    private static void addNodesResult(JsonOutput out, AddNodesResult node) throws IOException {
        WireValueWriter.start(out, "AddNodesResult");
        out.name("status");
        ValueWriter.statusCode(out, node.statusCode());
        out.name("added");
        WireValueWriter.nodeId(out, node.addedNodeId());
        out.endObject();
    }

    private static void buildInfo(JsonOutput out, BuildInfo info) throws IOException {
        WireValueWriter.start(out, "BuildInfo");
        out.name("product");
        out.string(info.productName());
        out.name("manufacturer");
        out.string(info.manufacturerName());
        out.name("version");
        out.string(info.softwareVersion());
        out.name("build");
        out.string(info.buildNumber());
        out.name("date");
        WireValueWriter.dateTime(out, info.buildDate());
        out.endObject();
    }

    private static void createFileResult(JsonOutput out, CreateFileResult file) throws IOException {
        WireValueWriter.start(out, "CreateFileResult");
        out.name("fileNodeId");
        out.string(file.fileNodeId().toTypedString());
        out.name("fileHandle");
        out.number(file.fileHandle());
        out.endObject();
    }

    /** Without a type of its own: the typed notation of PHP has none. */
    private static void modifiedValue(JsonOutput out, ModifiedValue modified) throws IOException {
        out.startObject();
        out.name("value");
        out.body(o -> WireValueWriter.dataValue(o, modified.value()));
        out.then(() -> {
            out.name("modificationTime");
            WireValueWriter.dateTime(out, modified.modificationTime());
            out.name("updateType");
            out.number(modified.updateType());
            out.name("userName");
            out.string(modified.userName());
            out.endObject();
        });
    }

    private static void historyUpdateResult(JsonOutput out, HistoryUpdateResult update) throws IOException {
        WireValueWriter.start(out, "HistoryUpdateResult");
        out.name("status");
        ValueWriter.statusCode(out, update.statusCode());
        out.name("ops");
        WireValueWriter.statusCodes(out, update.operationResults());
        out.then(out::endObject);
    }
}
