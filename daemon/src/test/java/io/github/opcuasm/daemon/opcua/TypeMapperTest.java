package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.protocol.type.XmlElement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Through the binary encoding: what comes back is what a server would have sent. */
final class TypeMapperTest {
    private final NamespaceTable namespaces =
            new NamespaceTable("http://opcfoundation.org/UA/", "urn:server", "urn:plant");
    private final ServerTypes types = ServerTypes.ofNamespaces(namespaces);

    static List<Variant> scalars() {
        return List.of(
                Variant.scalar(BuiltinType.BOOLEAN, true),
                Variant.scalar(BuiltinType.SBYTE, (byte) -128),
                Variant.scalar(BuiltinType.BYTE, (short) 255),
                Variant.scalar(BuiltinType.INT16, Short.MIN_VALUE),
                Variant.scalar(BuiltinType.UINT16, 65_535),
                Variant.scalar(BuiltinType.INT32, Integer.MIN_VALUE),
                Variant.scalar(BuiltinType.UINT32, 4_294_967_295L),
                Variant.scalar(BuiltinType.INT64, Long.MIN_VALUE),
                Variant.scalar(BuiltinType.UINT64, BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)),
                Variant.scalar(BuiltinType.FLOAT, Float.NaN),
                Variant.scalar(BuiltinType.DOUBLE, -0.0),
                Variant.scalar(BuiltinType.STRING, "grüße 😀"),
                Variant.scalar(BuiltinType.STRING, null),
                Variant.scalar(BuiltinType.DATE_TIME, new DateTime(133_497_074_451_234_567L)),
                Variant.scalar(BuiltinType.GUID, UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63")),
                Variant.scalar(BuiltinType.BYTE_STRING, ByteString.fromHex("00ff")),
                Variant.scalar(BuiltinType.BYTE_STRING, ByteString.EMPTY),
                Variant.scalar(BuiltinType.BYTE_STRING, null),
                Variant.scalar(BuiltinType.XML_ELEMENT, new XmlElement("<a/>")),
                Variant.scalar(BuiltinType.XML_ELEMENT, null),
                Variant.scalar(BuiltinType.NODE_ID, NodeId.numeric(2, 4_294_967_295L)),
                Variant.scalar(BuiltinType.NODE_ID, NodeId.text(2, "Speed")),
                Variant.scalar(BuiltinType.NODE_ID, NodeId.guid(2, new UUID(1, 2))),
                Variant.scalar(BuiltinType.NODE_ID, NodeId.opaque(2, ByteString.fromHex("01"))),
                Variant.scalar(BuiltinType.EXPANDED_NODE_ID, ExpandedNodeId.local(NodeId.numeric(2, 5))),
                Variant.scalar(BuiltinType.EXPANDED_NODE_ID, new ExpandedNodeId(NodeId.numeric(0, 5), "urn:other", 3)),
                Variant.scalar(BuiltinType.STATUS_CODE, new StatusCode(0x80340000L)),
                Variant.scalar(BuiltinType.QUALIFIED_NAME, new QualifiedName(2, "Speed")),
                Variant.scalar(BuiltinType.LOCALIZED_TEXT, new LocalizedText("de", "Drehzahl")),
                Variant.scalar(BuiltinType.LOCALIZED_TEXT, LocalizedText.NULL),
                Variant.scalar(
                        BuiltinType.EXTENSION_OBJECT,
                        new ExtensionObject(NodeId.numeric(0, 886), 1, ByteString.fromHex("0102"), null)),
                Variant.scalar(BuiltinType.EXTENSION_OBJECT, ExtensionObject.NULL),
                Variant.scalar(
                        BuiltinType.DATA_VALUE,
                        new DataValue(
                                Variant.scalar(BuiltinType.INT32, 1),
                                new StatusCode(0x40000000L),
                                new DateTime(5),
                                null)));
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void everyScalarComesBack(Variant value) {
        assertThat(overTheWire(value)).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("scalars")
    void arraysAndMatricesOfEveryTypeComeBack(Variant scalar) {
        BuiltinType type = type(scalar);
        List<@Nullable Object> six = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            six.add(scalar.value());
        }

        Variant array = Variant.array(type, six);
        Variant matrix = Variant.matrix(type, six, List.of(1, 2, 3));
        Variant empty = Variant.array(type, List.of());

        assertThat(overTheWire(array)).isEqualTo(array);
        assertThat(overTheWire(matrix)).isEqualTo(matrix);
        assertThat(overTheWire(empty)).isEqualTo(empty);
    }

    @Test
    void arraysOfVariantsMixTypes() {
        Variant value = Variant.array(
                BuiltinType.VARIANT,
                List.of(
                        Variant.scalar(BuiltinType.BOOLEAN, true),
                        Variant.NULL,
                        Variant.array(BuiltinType.BYTE, List.of((short) 1))));

        assertThat(overTheWire(value)).isEqualTo(value);
    }

    @Test
    void stringsInArraysMayBeNull() {
        Variant value = Variant.array(BuiltinType.STRING, Arrays.asList("a", null));

        assertThat(overTheWire(value)).isEqualTo(value);
    }

    @ParameterizedTest
    @EnumSource
    void nullArraysKeepTheirType(BuiltinType type) {
        assertThat(overTheWire(Variant.nullArray(type))).isEqualTo(Variant.nullArray(type));
    }

    @Test
    void primitiveArraysAreTakenToo() {
        assertThat(toWire(new int[] {1, 2})).isEqualTo(Variant.array(BuiltinType.INT32, List.of(1, 2)));
        assertThat(toWire(new Matrix(new double[][] {{1, 2}, {3, 4}})))
                .isEqualTo(Variant.matrix(BuiltinType.DOUBLE, List.of(1.0, 2.0, 3.0, 4.0), List.of(2, 2)));
    }

    @Test
    void enumerationsAreInt32() {
        assertThat(toWire(NodeClass.Method)).isEqualTo(Variant.scalar(BuiltinType.INT32, 4));
        assertThat(toWire(new NodeClass[] {NodeClass.Object})).isEqualTo(Variant.array(BuiltinType.INT32, List.of(1)));
    }

    @Test
    void whatIsNoBuiltinTypeIsRefused() {
        assertThatThrownBy(() -> toWire(new Object())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dimensionsThatContradictTheElementsAreDropped() {
        assertThat(toWire(new Matrix(new Integer[] {1, 2, 3}, new int[] {2, 2})))
                .isEqualTo(Variant.array(BuiltinType.INT32, List.of(1, 2, 3)));
        assertThat(toWire(new Matrix(new Integer[0], new int[] {-1, 0})))
                .isEqualTo(Variant.matrix(BuiltinType.INT32, List.of(), List.of(0, 0)));
    }

    @Test
    void everyFieldOfMilosMayBeNull() {
        var reference = new org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription(
                null, null, null, null, null, null, null);

        assertThat(TypeMapper.toWire(reference, namespaces))
                .isEqualTo(new ReferenceDescription(
                        NodeId.NULL,
                        false,
                        ExpandedNodeId.NULL,
                        QualifiedName.NULL,
                        LocalizedText.NULL,
                        0,
                        ExpandedNodeId.NULL));
        assertThat(TypeMapper.toWire((org.eclipse.milo.opcua.stack.core.types.builtin.DataValue) null, types))
                .isEqualTo(DataValue.of(Variant.NULL));
    }

    @Test
    void timestampsOfZeroAreAbsent() {
        var zero = org.eclipse.milo.opcua.stack.core.types.builtin.DateTime.MIN_VALUE;
        var value = new org.eclipse.milo.opcua.stack.core.types.builtin.DataValue(
                org.eclipse.milo.opcua.stack.core.types.builtin.Variant.NULL_VALUE,
                org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode.GOOD,
                zero,
                zero);

        DataValue wire = TypeMapper.toWire(value, types);

        assertThat(wire.sourceTimestamp()).isNull();
        assertThat(wire.serverTimestamp()).isNull();
    }

    @Test
    void namespaceUrisResolveAgainstTheServersTable() {
        var known = org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId.of("urn:plant", "Speed");
        var unknown = org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId.of("urn:other", "Speed");

        assertThat(TypeMapper.toWire(known, namespaces)).isEqualTo(ExpandedNodeId.local(NodeId.text(2, "Speed")));
        assertThat(TypeMapper.toWire(unknown, namespaces))
                .isEqualTo(new ExpandedNodeId(NodeId.text(0, "Speed"), "urn:other", 0));
    }

    @Test
    void aNodeNamedByUriNeedsANamespaceOfTheServer() {
        var known = new NamespacedNodeId("urn:plant", new Identifier.Text("Speed"));
        var unknown = new NamespacedNodeId("urn:other", new Identifier.Text("Speed"));

        assertThat(TypeMapper.toMilo(known, namespaces))
                .isEqualTo(new org.eclipse.milo.opcua.stack.core.types.builtin.NodeId(2, "Speed"));
        CommandException error =
                catchThrowableOfType(CommandException.class, () -> TypeMapper.toMilo(unknown, namespaces));
        assertThat(error.type()).isEqualTo(ErrorType.INVALID_NODE_ID);
        assertThat(error.messageText()).contains("nsu=urn:other;s=Speed");
    }

    private static BuiltinType type(Variant variant) {
        BuiltinType type = variant.type();
        if (type == null) {
            throw new AssertionError("a scalar of the table has a type");
        }
        return type;
    }

    private Variant toWire(Object value) {
        return TypeMapper.toWire(new org.eclipse.milo.opcua.stack.core.types.builtin.Variant(value), types);
    }

    private Variant overTheWire(Variant value) {
        ByteBuf buffer = Unpooled.buffer();
        try {
            WireEncoder.of(buffer, DefaultEncodingContext.INSTANCE).encodeVariant(TypeMapper.toMilo(value));
            return TypeMapper.toWire(
                    WireDecoder.of(buffer, DefaultEncodingContext.INSTANCE).decodeVariant("value"), types);
        } finally {
            buffer.release();
        }
    }
}
