package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;

/**
 * An answer whose body is ready for the wire.
 *
 * @param header what Milo's transport wants to know of an answer; the body has its own
 * @param encodingId the id that stands before the body
 * @param body everything behind the id
 */
record RawAnswer(ResponseHeader header, ExpandedNodeId encodingId, ByteString body) implements UaResponseMessageType {
    @Override
    public ResponseHeader getResponseHeader() {
        return header;
    }

    @Override
    public ExpandedNodeId getTypeId() {
        return encodingId;
    }

    @Override
    public ExpandedNodeId getBinaryEncodingId() {
        return encodingId;
    }

    @Override
    public ExpandedNodeId getXmlEncodingId() {
        return ExpandedNodeId.NULL_VALUE;
    }

    @Override
    public ExpandedNodeId getJsonEncodingId() {
        return ExpandedNodeId.NULL_VALUE;
    }
}
