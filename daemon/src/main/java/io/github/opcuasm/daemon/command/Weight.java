package io.github.opcuasm.daemon.command;

import io.github.opcuasm.protocol.type.ApplicationDescription;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.CallResult;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.ModifiedValue;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Roughly how many bytes of heap a value keeps while it waits to be written. */
final class Weight {
    private static final int SMALL = 64;
    private static final int ELEMENT = 16;
    private static final int REFERENCE = 256;

    /** The fields of a structure take some times the bytes of its body. */
    private static final long DECODED = 4;

    private static final int SAMPLE = 16;

    private Weight() {}

    static long of(@Nullable Object value) {
        if (value instanceof DataValue dataValue) {
            return SMALL + of(dataValue.variant().value());
        }
        if (value instanceof ModifiedValue modified) {
            return SMALL + of(modified.value()) + of(modified.userName());
        }
        if (value instanceof ReferenceDescription reference) {
            return REFERENCE + of(reference.nodeId()) + of(reference.browseName()) + of(reference.displayName());
        }
        if (value instanceof BrowseNode node) {
            return of(node.reference()) + SMALL + of(node.children());
        }
        if (value instanceof BrowseResultSet page) {
            return SMALL + of(page.references());
        }
        if (value instanceof CallResult call) {
            return SMALL + of(call.outputArguments());
        }
        if (value instanceof EndpointDescription endpoint) {
            return SMALL
                    + of(endpoint.endpointUrl())
                    + of(endpoint.serverCertificate())
                    + of(endpoint.securityPolicyUri())
                    + of(endpoint.transportProfileUri())
                    + of(endpoint.userIdentityTokens());
        }
        if (value instanceof ApplicationDescription application) {
            return SMALL
                    + of(application.applicationUri())
                    + of(application.productUri())
                    + of(application.applicationName())
                    + of(application.gatewayServerUri())
                    + of(application.discoveryProfileUri())
                    + of(application.discoveryUrls());
        }
        if (value instanceof UserTokenPolicy policy) {
            return SMALL
                    + of(policy.policyId())
                    + of(policy.issuedTokenType())
                    + of(policy.issuerEndpointUrl())
                    + of(policy.securityPolicyUri());
        }
        if (value instanceof LocalizedText text) {
            return SMALL + of(text.locale()) + of(text.text());
        }
        if (value instanceof QualifiedName name) {
            return SMALL + of(name.name());
        }
        if (value instanceof ExpandedNodeId id) {
            return of(id.nodeId()) + of(id.namespaceUri());
        }
        if (value instanceof NodeId id) {
            return SMALL + ofIdentifier(id.identifier());
        }
        if (value instanceof String text) {
            // One character that is not Latin-1 makes two bytes of each.
            return 2L * text.length();
        }
        if (value instanceof ByteString bytes) {
            return bytes.size();
        }
        if (value instanceof ExtensionObject object) {
            ByteString body = object.body();
            return SMALL + (body == null ? 0 : (object.value() == null ? 1L : DECODED) * body.size());
        }
        if (value instanceof XmlElement xml) {
            return of(xml.fragment());
        }
        if (value instanceof Variant variant) {
            return SMALL + of(variant.value());
        }
        if (value instanceof PublishResult message) {
            return SMALL + ofElements(message.notifications()) + ofElements(message.availableSequenceNumbers());
        }
        if (value instanceof RepublishResult message) {
            return SMALL + ofElements(message.notifications());
        }
        if (value instanceof Notification.DataChange change) {
            return SMALL + of(change.dataValue());
        }
        if (value instanceof Notification.Event event) {
            return SMALL + ofElements(event.eventFields());
        }
        if (value instanceof List<?> elements) {
            return ofElements(elements);
        }
        return SMALL;
    }

    private static long ofIdentifier(Identifier identifier) {
        if (identifier instanceof Identifier.Text text) {
            return of(text.value());
        }
        return identifier instanceof Identifier.Opaque opaque ? of(opaque.value()) : 0;
    }

    /** Numbers weigh the same, so the first element tells whether the others must be looked at. */
    private static long ofElements(List<?> elements) {
        if (elements.isEmpty() || elements.get(0) instanceof Number || elements.get(0) instanceof Boolean) {
            return (long) elements.size() * ELEMENT;
        }
        // Structures are decoded when they are looked at: the first ones stand for all.
        int looked = elements.get(0) instanceof ExtensionObject ? Math.min(SAMPLE, elements.size()) : elements.size();
        long sum = 0;
        for (Object element : elements.subList(0, looked)) {
            sum += ELEMENT + of(element);
        }
        return looked == elements.size() ? sum : sum / looked * elements.size();
    }
}
