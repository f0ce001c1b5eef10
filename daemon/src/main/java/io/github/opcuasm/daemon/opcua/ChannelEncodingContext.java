package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.UaEncoder;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What Milo's message handler of one channel encodes and decodes with. The handler reads a message's type id, asks here
 * for the codec, and has no care for exceptions: one would close the channel with all that is under way on it. So there
 * is a codec for whatever id a server sends, and it answers for every failure with an {@link UndecodableMessage}, which
 * fails one request.
 *
 * <p>While a message is decoded, the limits are those of the bytes that came for it. Confined to the channel's event loop.
 */
final class ChannelEncodingContext implements EncodingContext {
    private final EncodingContext context;
    private final CountingSocketChannel channel;
    private final DataTypeManager types;
    private EncodingLimits limits;

    ChannelEncodingContext(EncodingContext context, CountingSocketChannel channel) {
        this.context = context;
        this.channel = channel;
        this.types = new MessageTypes(context.getDataTypeManager());
        this.limits = context.getEncodingLimits();
    }

    @Override
    public EncodingLimits getEncodingLimits() {
        return limits;
    }

    @Override
    public DataTypeManager getDataTypeManager() {
        return types;
    }

    @Override
    public EncodingManager getEncodingManager() {
        return context.getEncodingManager();
    }

    @Override
    public NamespaceTable getNamespaceTable() {
        return context.getNamespaceTable();
    }

    @Override
    public ServerTable getServerTable() {
        return context.getServerTable();
    }

    /** The answer, or what stands for one that is none. */
    private UaStructuredType answer(@Nullable DataTypeCodec codec, NodeId id, UaDecoder decoder) {
        if (codec == null || !UaResponseMessageType.class.isAssignableFrom(codec.getType())) {
            return undecodable(new UaException(
                    StatusCodes.Bad_DecodingError, "the answer is not a response: " + id.toParseableString()));
        }
        EncodingLimits unlimited = limits;
        limits = BoundedContext.limits(unlimited, channel.messageBytes());
        try {
            return codec.decode(context, decoder);
        } catch (RuntimeException | StackOverflowError e) {
            return undecodable(new UaException(StatusCodes.Bad_DecodingError, e));
        } catch (OutOfMemoryError e) {
            return undecodable(new UaException(StatusCodes.Bad_OutOfMemory, e));
        } finally {
            limits = unlimited;
            channel.messageDecoded();
        }
    }

    private static UndecodableMessage undecodable(UaException cause) {
        return new UndecodableMessage(cause);
    }

    private final class MessageTypes extends WireTypes {
        MessageTypes(DataTypeManager types) {
            super(types);
        }

        @Override
        public DataTypeCodec getCodec(NodeId id) {
            return new MessageCodec(super.getCodec(id), id);
        }
    }

    /** The codec of a message type; without one for an id that is no data type's. */
    private final class MessageCodec implements DataTypeCodec {
        private final @Nullable DataTypeCodec codec;
        private final NodeId id;

        MessageCodec(@Nullable DataTypeCodec codec, NodeId id) {
            this.codec = codec;
            this.id = id;
        }

        @Override
        public Class<?> getType() {
            return codec == null ? UndecodableMessage.class : codec.getType();
        }

        @Override
        public UaStructuredType decode(EncodingContext channelContext, UaDecoder decoder) {
            return answer(codec, id, decoder);
        }

        @Override
        public void encode(EncodingContext channelContext, UaEncoder encoder, UaStructuredType value) {
            if (codec == null) {
                throw new UaSerializationException(
                        StatusCodes.Bad_EncodingError, "no codec for " + id.toParseableString());
            }
            codec.encode(context, encoder, value);
        }
    }
}
