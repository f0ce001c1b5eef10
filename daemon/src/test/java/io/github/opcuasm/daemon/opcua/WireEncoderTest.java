package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against bytes written by hand from Part 6, 5.2. */
final class WireEncoderTest {
    /** Milo's types as the transport offers them: coded by our encoder and decoder. */
    private static final EncodingContext WIRE_TYPES = new WireContext(
            EncodingLimits.DEFAULT, new WireTypes(DefaultEncodingContext.INSTANCE.getDataTypeManager()));

    // 5.2.2.16: the type with the array bit, and the length -1.
    @ParameterizedTest
    @EnumSource
    void aNullArraySaysItsType(BuiltinType type) {
        assertThat(encoded(new Variant(new TypedNull(type, true))))
                .isEqualTo(String.format("%02xffffffff", type.id() | 0x80));
    }

    @Test
    void aNullStringSaysItsType() {
        assertThat(encoded(new Variant(new TypedNull(BuiltinType.STRING, false))))
                .isEqualTo("0cffffffff");
        assertThat(encoded(new Variant(new TypedNull(BuiltinType.BYTE_STRING, false))))
                .isEqualTo("0fffffffff");
        assertThat(encoded(new Variant(new TypedNull(BuiltinType.XML_ELEMENT, false))))
                .isEqualTo("10ffffffff");
        assertThat(encoded(Variant.NULL_VALUE)).isEqualTo("00");
    }

    @Test
    void scalarsOfOtherTypesAreNeverNull() {
        assertThatThrownBy(() -> new TypedNull(BuiltinType.INT32, false)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void typedNullsStandInArraysAndDataValuesToo() {
        Variant none = new Variant(new TypedNull(BuiltinType.INT32, true));

        assertThat(encoded(new Variant(new Variant[] {none, Variant.NULL_VALUE})))
                .isEqualTo("98" + "02000000" + "86ffffffff" + "00");
        assertThat(encoded(new Variant(DataValue.valueOnly(none)))).isEqualTo("17" + "01" + "86ffffffff");
    }

    // 5.2.2.15
    @Test
    void anExtensionObjectWithoutABodyKeepsItsType() {
        assertThat(encoded(new Variant(ExtensionObject.of(ByteString.NULL_VALUE, new NodeId(1, 256)))))
                .isEqualTo("16" + "01010001" + "00");
    }

    // Milo's handler has an encoder of its own, which has to arrive at the same bytes.
    @Test
    void requestsAreEncodedThroughMilosEncoder() {
        Variant none = new Variant(new TypedNull(BuiltinType.STRING, false));
        RequestHeader header =
                new RequestHeader(NodeId.NULL_VALUE, null, UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
        WriteRequest request = new WriteRequest(header, new WriteValue[] {
            new WriteValue(new NodeId(1, "0123456789"), UInteger.valueOf(13), null, DataValue.valueOnly(none))
        });
        ByteBuf throughMilo = Unpooled.buffer();
        ByteBuf directly = Unpooled.buffer();

        new OpcUaBinaryEncoder(WIRE_TYPES).setBuffer(throughMilo).encodeStruct("r", request, WriteRequest.TYPE_ID);
        WireEncoder.of(directly, DefaultEncodingContext.INSTANCE).encodeStruct("r", request, WriteRequest.TYPE_ID);

        assertThat(ByteBufUtil.hexDump(throughMilo))
                .isEqualTo(ByteBufUtil.hexDump(directly))
                .endsWith("010cffffffff");
    }

    // Milo encodes and decodes the bodies of ExtensionObjects with its own classes.
    @Test
    void bodiesOfExtensionObjectsKeepTypedNulls() {
        Variant none = new Variant(new TypedNull(BuiltinType.INT32, true));
        WriteValue value = new WriteValue(new NodeId(1, 5), UInteger.valueOf(13), null, DataValue.valueOnly(none));

        ExtensionObject object = ExtensionObject.encode(WIRE_TYPES, value);
        ExtensionObject arrived = ExtensionObject.of((ByteString) object.getBody(), object.getEncodingOrTypeId());

        assertThat(HexFormat.of().formatHex(((ByteString) object.getBody()).bytesOrEmpty()))
                .endsWith("0186ffffffff");
        assertThat(((WriteValue) arrived.decode(WIRE_TYPES)).getValue().value()).isEqualTo(none);
        assertThat(((WriteValue) WireDecoder.decode(arrived, WIRE_TYPES))
                        .getValue()
                        .value())
                .isEqualTo(none);
    }

    private static String encoded(Variant value) {
        ByteBuf buffer = Unpooled.buffer();
        WireEncoder.of(buffer, DefaultEncodingContext.INSTANCE).encodeVariant(value);
        return ByteBufUtil.hexDump(buffer);
    }

    private record WireContext(EncodingLimits getEncodingLimits, DataTypeManager getDataTypeManager)
            implements EncodingContext {
        @Override
        public EncodingManager getEncodingManager() {
            return DefaultEncodingContext.INSTANCE.getEncodingManager();
        }

        @Override
        public NamespaceTable getNamespaceTable() {
            return DefaultEncodingContext.INSTANCE.getNamespaceTable();
        }

        @Override
        public ServerTable getServerTable() {
            return DefaultEncodingContext.INSTANCE.getServerTable();
        }
    }
}
