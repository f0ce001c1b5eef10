package io.github.opcuasm.simulator;

import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Raw: read-only variables whose values Milo cannot send: nulls that have a type, Strings that are not UTF-8, times
 * outside the calendar. {@link RawValues} puts their bytes into the answers of Read.
 */
final class RawNodes {
    static final String FOLDER = "Raw";

    private static final int TEXT_WITHOUT_LOCALE = 2;
    private static final int RESERVED_TYPE = 26;
    private static final int NAN_WITH_PAYLOAD = 0x7FA0_1234;

    private final NodeBuilder nodes;
    private final NodeBuilder.Folder raw;
    private final RawValues values;

    private RawNodes(NodeBuilder nodes, RawValues values) {
        this.nodes = nodes;
        this.raw = nodes.folderOf(FOLDER);
        this.values = values;
    }

    static void addTo(NodeBuilder nodes, DataTypeNodes types, RawValues values) {
        RawNodes added = new RawNodes(nodes, values);
        added.addNulls();
        added.addTexts();
        added.addTimes();
        added.addOthers(types);
    }

    private void addNulls() {
        scalar("StringNull", NodeIds.String, null, variant(BodyWriter.STRING).string(null));
        scalar(
                "ByteStringNull",
                NodeIds.ByteString,
                null,
                variant(BodyWriter.BYTE_STRING).string(null));
        scalar(
                "XmlElementNull",
                NodeIds.XmlElement,
                null,
                variant(BodyWriter.XML_ELEMENT).string(null));
        scalar(
                "ExtensionObjectNull",
                NodeIds.Structure,
                null,
                variant(BodyWriter.EXTENSION_OBJECT).nullExtensionObject());
        nullArray("BooleanArrayNull", NodeIds.Boolean, BodyWriter.BOOLEAN);
        nullArray("Int32ArrayNull", NodeIds.Int32, BodyWriter.INT32);
        nullArray("DoubleArrayNull", NodeIds.Double, BodyWriter.DOUBLE);
        nullArray("StringArrayNull", NodeIds.String, BodyWriter.STRING);
        nullArray("ExtensionObjectArrayNull", NodeIds.Structure, BodyWriter.EXTENSION_OBJECT);
        nullArray("VariantArrayNull", NodeIds.BaseDataType, BodyWriter.VARIANT);
        array(
                "Int32ArrayEmpty",
                NodeIds.Int32,
                variant(BodyWriter.INT32 | BodyWriter.ARRAY).int32s());
        array(
                "StringArrayEmpty",
                NodeIds.String,
                variant(BodyWriter.STRING | BodyWriter.ARRAY).int32s());
        add(
                "MatrixEmpty",
                NodeIds.Int32,
                2,
                null,
                variant(BodyWriter.INT32 | BodyWriter.ARRAY | BodyWriter.DIMENSIONS)
                        .int32s()
                        .int32s(0, 3));
    }

    private void addTexts() {
        text("StringNotUtf8", 0x41, 0xC3, 0x28, 0x42);
        text("StringLoneSurrogate", 0x41, 0xED, 0xA0, 0x80, 0x42);
        text("StringSurrogatePair", 0xED, 0xA0, 0xBD, 0xED, 0xBA, 0xB0);
        text("StringOverlong", 0x41, 0xC0, 0x80, 0x42);
        text("StringCutEmoji", 0x41, 0xF0, 0x9F, 0x9A);
        text("StringBeyondUnicode", 0xF4, 0x90, 0x80, 0x80);
        text("StringNonCharacter", 0xEF, 0xBF, 0xBE, 0xEF, 0xBB, 0xBF);
        scalar(
                "LocalizedTextNotUtf8",
                NodeIds.LocalizedText,
                null,
                variant(BodyWriter.LOCALIZED_TEXT).uint8(TEXT_WITHOUT_LOCALE).bytes(bytes(0xC3, 0x28)));
        scalar(
                "XmlElementNotXml",
                NodeIds.XmlElement,
                null,
                variant(BodyWriter.XML_ELEMENT).string("<a><b></a>"));
    }

    private void addTimes() {
        time("DateTimeLowest", Long.MIN_VALUE);
        time("DateTimeHighest", Long.MAX_VALUE);
        time("DateTimeNegative", -1);
        time("DateTimeZero", 0);
        // 9999-12-31T23:59:59Z is the last second that Part 6, 5.2.2.5 knows; this is 10000-01-01T00:00:00Z.
        time("DateTimeYear10000", 2_650_467_744_000_000_000L);
    }

    private void addOthers(DataTypeNodes types) {
        NodeId encodingId = types.encodingId("Point");
        scalar(
                "ExtensionObjectWithoutBody",
                types.typeId("Point"),
                null,
                variant(BodyWriter.EXTENSION_OBJECT)
                        .stringId(
                                encodingId.getNamespaceIndex().intValue(),
                                encodingId.getIdentifier().toString())
                        .uint8(0));
        scalar(
                "ExtensionObjectEmptyBody",
                types.typeId("Point"),
                null,
                variant(BodyWriter.EXTENSION_OBJECT).extensionObject(encodingId, new byte[0]));
        scalar("BooleanTwo", NodeIds.Boolean, true, variant(BodyWriter.BOOLEAN).uint8(2));
        scalar(
                "FloatNaNPayload",
                NodeIds.Float,
                Float.NaN,
                variant(BodyWriter.FLOAT).int32(NAN_WITH_PAYLOAD));
        // Part 6, 5.1.6: no Variant directly in a Variant; some servers send it all the same.
        scalar(
                "VariantInVariant",
                NodeIds.BaseDataType,
                7,
                variant(BodyWriter.VARIANT).uint8(BodyWriter.INT32).int32(7));
        scalar(
                "DiagnosticInfo",
                NodeIds.DiagnosticInfo,
                null,
                variant(BodyWriter.DIAGNOSTIC_INFO).uint8(1).int32(3));
        // Part 6, 5.2.2.16: what the ids 26 to 31 stand for is a ByteString.
        scalar(
                "ReservedType",
                NodeIds.BaseDataType,
                null,
                variant(RESERVED_TYPE).bytes(bytes(1, 2, 3)));
    }

    private void text(String name, int... octets) {
        scalar(
                name,
                NodeIds.String,
                "not representable",
                variant(BodyWriter.STRING).bytes(bytes(octets)));
    }

    private void time(String name, long ticks) {
        scalar(
                name,
                NodeIds.DateTime,
                DateTime.NULL_VALUE,
                variant(BodyWriter.DATE_TIME).int64(ticks));
    }

    private void nullArray(String name, NodeId type, int builtin) {
        array(name, type, variant(builtin | BodyWriter.ARRAY).nullArray());
    }

    private void scalar(String name, NodeId type, @Nullable Object plain, BodyWriter variant) {
        add(name, type, ValueRanks.Scalar, plain, variant);
    }

    private void array(String name, NodeId type, BodyWriter variant) {
        add(name, type, ValueRanks.OneDimension, null, variant);
    }

    private void add(String name, NodeId type, int valueRank, @Nullable Object plain, BodyWriter variant) {
        UaVariableNode added = raw.add(name, type, valueRank, nodes.good(plain), NodeBuilder.READ, NodeBuilder.READ);
        values.add(added.getNodeId(), variant.toBytes());
    }

    private static BodyWriter variant(int firstByte) {
        return new BodyWriter().uint8(firstByte);
    }

    private static byte[] bytes(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        return bytes;
    }
}
