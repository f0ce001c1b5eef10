package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.UaEncoder;
import org.eclipse.milo.opcua.stack.core.types.DataTypeDictionary;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * The encoding context of one connection, in which a {@link RawAnswer} has a codec. Milo finds the codec of a message
 * by the id that it puts before it, so an id that a raw answer was made for gets a codec that looks at the message
 * and leaves what is not raw to the codec that Milo knows. Until then every look-up goes straight through.
 */
final class RawAnswerCodecs implements EncodingContext, DataTypeManager {
    private final EncodingContext context;
    private final DataTypeManager types;
    private final Set<NodeId> raw = ConcurrentHashMap.newKeySet();

    RawAnswerCodecs(EncodingContext context) {
        this.context = context;
        this.types = context.getDataTypeManager();
    }

    /** The context without raw answers. */
    EncodingContext plain() {
        return context;
    }

    RawAnswer answer(ResponseHeader header, ExpandedNodeId encodingId, byte[] body) {
        raw.add(encodingId.toNodeId(context.getNamespaceTable()).orElseThrow());
        return new RawAnswer(header, encodingId, ByteString.of(body));
    }

    @Override
    public @Nullable DataTypeCodec getCodec(NodeId id) {
        DataTypeCodec codec = types.getCodec(id);
        return raw.contains(id) ? new Codec(codec) : codec;
    }

    @Override
    public DataTypeManager getDataTypeManager() {
        return this;
    }

    @Override
    public EncodingManager getEncodingManager() {
        return context.getEncodingManager();
    }

    @Override
    public EncodingLimits getEncodingLimits() {
        return context.getEncodingLimits();
    }

    @Override
    public NamespaceTable getNamespaceTable() {
        return context.getNamespaceTable();
    }

    @Override
    public ServerTable getServerTable() {
        return context.getServerTable();
    }

    @Override
    public void registerType(
            NodeId dataTypeId,
            DataTypeCodec codec,
            @Nullable NodeId binaryEncodingId,
            @Nullable NodeId xmlEncodingId,
            @Nullable NodeId jsonEncodingId) {
        types.registerType(dataTypeId, codec, binaryEncodingId, xmlEncodingId, jsonEncodingId);
    }

    @Override
    public @Nullable NodeId getBinaryEncodingId(NodeId dataTypeId) {
        return types.getBinaryEncodingId(dataTypeId);
    }

    @Override
    public @Nullable NodeId getXmlEncodingId(NodeId dataTypeId) {
        return types.getXmlEncodingId(dataTypeId);
    }

    @Override
    public @Nullable NodeId getJsonEncodingId(NodeId dataTypeId) {
        return types.getJsonEncodingId(dataTypeId);
    }

    @Override
    public @Nullable DataTypeDictionary getTypeDictionary(String namespaceUri) {
        return types.getTypeDictionary(namespaceUri);
    }

    @Override
    public void registerTypeDictionary(DataTypeDictionary dictionary) {
        types.registerTypeDictionary(dictionary);
    }

    private record Codec(@Nullable DataTypeCodec other) implements DataTypeCodec {
        @Override
        public Class<?> getType() {
            return other == null ? RawAnswer.class : other.getType();
        }

        @Override
        public UaStructuredType decode(EncodingContext context, UaDecoder decoder) {
            return known().decode(context, decoder);
        }

        @Override
        public void encode(EncodingContext context, UaEncoder encoder, UaStructuredType value) {
            if (value instanceof RawAnswer answer) {
                for (byte octet : answer.body().bytesOrEmpty()) {
                    encoder.encodeByte("", ubyte(octet & 0xFF));
                }
            } else {
                known().encode(context, encoder, value);
            }
        }

        private DataTypeCodec known() {
            if (other == null) {
                throw new UaSerializationException(StatusCodes.Bad_EncodingError, "Only raw answers have this id");
            }
            return other;
        }
    }
}
