package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Milo's binary encoder, plus what it cannot say: a {@link TypedNull} in a Variant, wherever that stands, and the type of
 * an ExtensionObject without a body. Milo's methods for the other types and for arrays all end in the two overridden
 * here.
 */
public final class WireEncoder extends OpcUaBinaryEncoder {
    private static final int ARRAY = 0x80;
    private static final byte NO_BODY = 0;

    private WireEncoder(EncodingContext context) {
        super(context);
    }

    /** Appends to {@code buffer}, which stays the caller's to release. */
    public static WireEncoder of(ByteBuf buffer, EncodingContext context) {
        WireEncoder encoder = new WireEncoder(context);
        encoder.setBuffer(buffer);
        return encoder;
    }

    /** Part 6, 5.2.2.16; the length -1 is null for arrays as for strings (5.2.5, 5.2.2.4). */
    @Override
    public void encodeVariant(@Nullable Variant variant) {
        if (variant == null) {
            super.encodeVariant(Variant.NULL_VALUE);
        } else if (variant.value() instanceof TypedNull none) {
            encodeSByte((byte) (none.type().id() | (none.array() ? ARRAY : 0)));
            encodeInt32(-1);
        } else {
            super.encodeVariant(variant);
        }
    }

    /** Part 6, 5.2.2.15. */
    @Override
    public void encodeExtensionObject(@Nullable ExtensionObject object) {
        if (object != null && object.isNull()) {
            NodeId typeId = object.getEncodingOrTypeId();
            encodeNodeId(typeId);
            encodeSByte(NO_BODY);
        } else {
            super.encodeExtensionObject(object);
        }
    }
}
