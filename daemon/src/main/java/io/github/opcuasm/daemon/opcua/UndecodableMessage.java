package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ServiceFault;

/**
 * Stands for an answer whose bytes make no sense. Milo's handler knows which request an answer is for, and the decoder
 * does not: this takes the failure past the handler to whoever waits, where an exception would close the channel. Its
 * bad service result also keeps it from opening a secure channel.
 */
record UndecodableMessage(UaException cause) implements UaResponseMessageType {
    @Override
    public ResponseHeader getResponseHeader() {
        return new ResponseHeader(DateTime.NULL_VALUE, uint(0), cause.getStatusCode(), null, null, null);
    }

    @Override
    public ExpandedNodeId getTypeId() {
        return ServiceFault.TYPE_ID;
    }

    @Override
    public ExpandedNodeId getBinaryEncodingId() {
        return ServiceFault.BINARY_ENCODING_ID;
    }

    @Override
    public ExpandedNodeId getXmlEncodingId() {
        return ServiceFault.XML_ENCODING_ID;
    }

    @Override
    public ExpandedNodeId getJsonEncodingId() {
        return ServiceFault.JSON_ENCODING_ID;
    }
}
