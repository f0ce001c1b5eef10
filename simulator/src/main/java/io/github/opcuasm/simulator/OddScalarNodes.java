package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/** OddScalars: read-only variables at the ends of the ranges and with values that trip programs up. */
final class OddScalarNodes {
    static final String FOLDER = "OddScalars";

    private static final int LONG_STRING = 10_000;

    private OddScalarNodes() {}

    static void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder odd = nodes.folderOf(FOLDER);
        addNumbers(odd);
        addTexts(odd);
        addTimesAndBytes(odd);
        addIdsAndNames(odd);
    }

    private static void addNumbers(NodeBuilder.Folder odd) {
        odd.readOnly("SByteMin", OpcUaDataType.SByte, Byte.MIN_VALUE);
        odd.readOnly("SByteMax", OpcUaDataType.SByte, Byte.MAX_VALUE);
        odd.readOnly("ByteMax", OpcUaDataType.Byte, UByte.MAX);
        odd.readOnly("Int16Min", OpcUaDataType.Int16, Short.MIN_VALUE);
        odd.readOnly("Int16Max", OpcUaDataType.Int16, Short.MAX_VALUE);
        odd.readOnly("UInt16Max", OpcUaDataType.UInt16, UShort.MAX);
        odd.readOnly("Int32Min", OpcUaDataType.Int32, Integer.MIN_VALUE);
        odd.readOnly("Int32Max", OpcUaDataType.Int32, Integer.MAX_VALUE);
        odd.readOnly("UInt32Max", OpcUaDataType.UInt32, UInteger.MAX);
        odd.readOnly("Int64Min", OpcUaDataType.Int64, Long.MIN_VALUE);
        odd.readOnly("Int64Max", OpcUaDataType.Int64, Long.MAX_VALUE);
        odd.readOnly("UInt64Max", OpcUaDataType.UInt64, ULong.MAX);
        // The first numbers that a signed Int64 and a Double cannot hold.
        odd.readOnly("UInt64AboveInt64", OpcUaDataType.UInt64, ULong.valueOf(Long.MIN_VALUE));
        odd.readOnly("Int64AboveDouble", OpcUaDataType.Int64, (1L << 53) + 1);
        odd.readOnly("FloatMin", OpcUaDataType.Float, Float.MIN_VALUE);
        odd.readOnly("FloatMax", OpcUaDataType.Float, Float.MAX_VALUE);
        odd.readOnly("FloatNaN", OpcUaDataType.Float, Float.NaN);
        odd.readOnly("FloatInfinity", OpcUaDataType.Float, Float.POSITIVE_INFINITY);
        odd.readOnly("FloatNegativeZero", OpcUaDataType.Float, -0.0f);
        odd.readOnly("FloatNegativeInfinity", OpcUaDataType.Float, Float.NEGATIVE_INFINITY);
        odd.readOnly("DoubleMin", OpcUaDataType.Double, Double.MIN_VALUE);
        odd.readOnly("DoubleMax", OpcUaDataType.Double, Double.MAX_VALUE);
        odd.readOnly("DoubleLowest", OpcUaDataType.Double, -Double.MAX_VALUE);
        odd.readOnly("DoubleThird", OpcUaDataType.Double, 1.0 / 3.0);
        odd.readOnly("DoubleNaN", OpcUaDataType.Double, Double.NaN);
        odd.readOnly("DoubleInfinity", OpcUaDataType.Double, Double.POSITIVE_INFINITY);
        odd.readOnly("DoubleNegativeInfinity", OpcUaDataType.Double, Double.NEGATIVE_INFINITY);
        odd.readOnly("NegativeZero", OpcUaDataType.Double, -0.0);
    }

    private static void addTexts(NodeBuilder.Folder odd) {
        odd.readOnly("StringNull", OpcUaDataType.String, (Object) null);
        odd.readOnly("StringEmpty", OpcUaDataType.String, "");
        odd.readOnly("StringEmoji", OpcUaDataType.String, "valve \uD83D\uDEB0 open");
        odd.readOnly("StringNul", OpcUaDataType.String, "before\0after");
        odd.readOnly("StringQuotes", OpcUaDataType.String, "\"double\" 'single' \\back\\slash /slash/");
        odd.readOnly("StringControl", OpcUaDataType.String, "\b\t\n\u000B\f\r\u001B\u007F\u2028\u2029");
        odd.readOnly("StringAllControls", OpcUaDataType.String, allControls());
        odd.readOnly("StringBlank", OpcUaDataType.String, "  two before, two after  ");
        odd.readOnly("StringLong", OpcUaDataType.String, "0123456789".repeat(LONG_STRING / 10));
        odd.readOnly("XmlElementNull", OpcUaDataType.XmlElement, XmlElement.NULL_VALUE);
        odd.readOnly("LocalizedTextNull", OpcUaDataType.LocalizedText, LocalizedText.NULL_VALUE);
        odd.readOnly("LocalizedTextWithoutLocale", OpcUaDataType.LocalizedText, new LocalizedText(null, "text"));
        odd.readOnly("LocalizedTextWithoutText", OpcUaDataType.LocalizedText, new LocalizedText("en", null));
    }

    /** The characters that JSON never lets through unescaped. */
    private static String allControls() {
        StringBuilder controls = new StringBuilder();
        for (char control = 0; control < ' '; control++) {
            controls.append(control);
        }
        return controls.toString();
    }

    private static void addTimesAndBytes(NodeBuilder.Folder odd) {
        // Part 6, 5.2.2.5: 0 stands for every time up to 1601-01-01, the last second of 9999 for every later one.
        odd.readOnly("DateTimeNull", OpcUaDataType.DateTime, DateTime.NULL_VALUE);
        odd.readOnly("DateTimeMin", OpcUaDataType.DateTime, new DateTime(1L));
        odd.readOnly("DateTimeMax", OpcUaDataType.DateTime, DateTime.MAX_DATE_TIME);
        odd.readOnly(
                "DateTimeTicks", OpcUaDataType.DateTime, new DateTime(Instant.parse("1969-12-31T23:59:59.9999999Z")));
        odd.readOnly("ByteStringNull", OpcUaDataType.ByteString, ByteString.NULL_VALUE);
        odd.readOnly("ByteStringEmpty", OpcUaDataType.ByteString, ByteString.of(new byte[0]));
        odd.readOnly("ByteStringNotUtf8", OpcUaDataType.ByteString, ByteString.of(new byte[] {
            (byte) 0xC3, 0x28, 0x00, (byte) 0xFF, (byte) 0xFE
        }));
        odd.readOnly("GuidNull", OpcUaDataType.Guid, new UUID(0, 0));
    }

    private static void addIdsAndNames(NodeBuilder.Folder odd) {
        odd.readOnly("NodeIdNull", OpcUaDataType.NodeId, NodeId.NULL_VALUE);
        odd.readOnly("NodeIdNumericMax", OpcUaDataType.NodeId, new NodeId(UShort.MAX, UInteger.MAX));
        odd.readOnly("NodeIdString", OpcUaDataType.NodeId, new NodeId(2, "a;s=b/ü \""));
        odd.readOnly("NodeIdGuid", OpcUaDataType.NodeId, new NodeId(2, new UUID(1, 2)));
        odd.readOnly("NodeIdOpaque", OpcUaDataType.NodeId, new NodeId(2, ByteString.of(new byte[] {0, (byte) 0xFF})));
        odd.readOnly("ExpandedNodeIdNull", OpcUaDataType.ExpandedNodeId, ExpandedNodeId.NULL_VALUE);
        odd.readOnly(
                "ExpandedNodeIdForeign",
                OpcUaDataType.ExpandedNodeId,
                new ExpandedNodeId(
                        ExpandedNodeId.ServerReference.of(uint(7)),
                        ExpandedNodeId.NamespaceReference.of("urn:elsewhere"),
                        "tank"));
        odd.readOnly("StatusCodeUnknown", OpcUaDataType.StatusCode, new StatusCode(0x8FFF_0000L));
        odd.readOnly("StatusCodeBad", OpcUaDataType.StatusCode, new StatusCode(StatusCodes.Bad_SensorFailure));
        odd.readOnly("QualifiedNameNull", OpcUaDataType.QualifiedName, QualifiedName.NULL_VALUE);
        odd.readOnly("QualifiedNameUnknownNamespace", OpcUaDataType.QualifiedName, new QualifiedName(ushort(99), "x"));
    }
}
