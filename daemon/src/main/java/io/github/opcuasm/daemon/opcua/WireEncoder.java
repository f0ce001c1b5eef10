package io.github.opcuasm.daemon.opcua;

import io.netty.buffer.ByteBuf;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * Milo's binary encoder, plus what it cannot say: a {@link TypedNull} in a Variant, wherever that stands, a
 * LocalizedText that is empty and not null, and the type of an ExtensionObject without a body. Milo's methods for other
 * types and for arrays all end in those overridden here.
 */
public final class WireEncoder extends OpcUaBinaryEncoder {
    private static final int ARRAY = 0x80;
    private static final byte NO_BODY = 0;
    private static final int LOCALE = 1;
    private static final int TEXT = 2;

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

    /** Part 6, 5.2.2.14; Milo's encoder makes an absent text of an empty one. */
    @Override
    public void encodeLocalizedText(@Nullable LocalizedText value) {
        String locale = value == null ? null : value.locale();
        String text = value == null ? null : value.text();
        encodeSByte((byte) ((locale == null ? 0 : LOCALE) | (text == null ? 0 : TEXT)));
        if (locale != null) {
            encodeString(locale);
        }
        if (text != null) {
            encodeString(text);
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
