package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ServiceFault;
import org.jspecify.annotations.Nullable;

/**
 * What an answer's bytes mean. Whatever is wrong with them is one {@link UaException}, so that it fails one request and
 * not the channel with all that is under way on it. While a message is decoded, the limits are those of its bytes.
 */
final class ResponseDecoder {
    private ResponseDecoder() {}

    /**
     * The answer in the readable bytes of {@code body}, which stays the caller's to release.
     *
     * @throws UaException a {@link UaServiceFaultException} if the answer is a fault, else Bad_DecodingError
     */
    static UaResponseMessageType decode(ByteBuf body, EncodingContext context) throws UaException {
        UaResponseMessageType response;
        try {
            WireDecoder decoder = WireDecoder.of(body, context);
            NodeId encodingId = decoder.decodeNodeId(null);
            response = (UaResponseMessageType) decoder.decodeStruct(null, codec(encodingId, context));
        } catch (RuntimeException | StackOverflowError e) {
            throw new UaException(StatusCodes.Bad_DecodingError, e);
        } catch (OutOfMemoryError e) {
            throw new UaException(StatusCodes.Bad_OutOfMemory, e);
        }
        ResponseHeader header = response.getResponseHeader();
        if (response instanceof ServiceFault fault) {
            throw new UaServiceFaultException(fault);
        }
        if (!header.getServiceResult().isGood()) {
            throw new UaServiceFaultException(new ServiceFault(header));
        }
        return response;
    }

    private static DataTypeCodec codec(NodeId encodingId, EncodingContext context) throws UaException {
        @Nullable DataTypeCodec codec = context.getDataTypeManager().getCodec(encodingId);
        if (codec == null || !UaResponseMessageType.class.isAssignableFrom(codec.getType())) {
            throw new UaException(
                    StatusCodes.Bad_DecodingError, "the answer is not a response: " + encodingId.toParseableString());
        }
        return codec;
    }
}
