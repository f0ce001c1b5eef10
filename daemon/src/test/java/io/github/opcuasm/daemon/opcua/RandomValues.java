package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.lang.reflect.Array;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.eclipse.milo.opcua.stack.core.types.structured.CallResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ServiceFault;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;

/** Values of every built-in type, and responses full of them, from a seed. */
final class RandomValues {
    private static final OpcUaDataType[] TYPES = OpcUaDataType.values();
    private static final int FLAT = 22;

    private final Random random;

    RandomValues(long seed) {
        random = new Random(seed);
    }

    UaResponseMessageType response() {
        DiagnosticInfo[] diagnostics = array(DiagnosticInfo.class, i -> diagnosticInfo(2));
        return switch (random.nextInt(8)) {
            case 0 -> new ReadResponse(header(), array(DataValue.class, i -> dataValue(3)), diagnostics);
            case 1 -> new WriteResponse(header(), array(StatusCode.class, i -> statusCode()), diagnostics);
            case 2 ->
                new BrowseResponse(
                        header(),
                        array(
                                BrowseResult.class,
                                i -> new BrowseResult(
                                        statusCode(),
                                        byteString(),
                                        array(ReferenceDescription.class, j -> reference()))),
                        diagnostics);
            case 3 ->
                new CallResponse(
                        header(),
                        array(
                                CallMethodResult.class,
                                i -> new CallMethodResult(
                                        statusCode(),
                                        array(StatusCode.class, j -> statusCode()),
                                        diagnostics,
                                        array(Variant.class, j -> variant(3)))),
                        diagnostics);
            case 4 ->
                new PublishResponse(
                        header(),
                        uint(random.nextInt()),
                        null,
                        random.nextBoolean(),
                        new NotificationMessage(
                                uint(random.nextInt()),
                                dateTime(),
                                array(ExtensionObject.class, i -> extensionObject())),
                        array(StatusCode.class, i -> statusCode()),
                        null);
            case 5 ->
                new HistoryReadResponse(
                        header(),
                        array(
                                HistoryReadResult.class,
                                i -> new HistoryReadResult(statusCode(), byteString(), extensionObject())),
                        diagnostics);
            case 6 -> new ServiceFault(header());
            default -> new ReadResponse(header(), null, null);
        };
    }

    private ResponseHeader header() {
        return new ResponseHeader(
                dateTime(),
                uint(random.nextInt()),
                statusCode(),
                diagnosticInfo(3),
                array(String.class, i -> string()),
                extensionObject());
    }

    Variant variant(int depth) {
        OpcUaDataType type = TYPES[random.nextInt(depth > 0 ? TYPES.length - 1 : FLAT)];
        int shape = random.nextInt(4);
        if (shape == 0) {
            int rows = 1 + random.nextInt(3);
            int columns = 1 + random.nextInt(3);
            return new Variant(new Matrix(array(type, rows * columns, depth), new int[] {rows, columns}, type));
        } else if (shape == 1) {
            return new Variant(array(type, random.nextInt(12), depth));
        } else if (shape == 2 || type == OpcUaDataType.Variant) {
            return Variant.NULL_VALUE;
        }
        return new Variant(scalar(type, depth));
    }

    private Object array(OpcUaDataType type, int length, int depth) {
        Object array = Array.newInstance(type.getBackingClass(), length);
        for (int i = 0; i < length; i++) {
            Array.set(array, i, scalar(type, depth - 1));
        }
        return array;
    }

    private Object scalar(OpcUaDataType type, int depth) {
        return switch (type) {
            case Boolean -> random.nextBoolean();
            case SByte -> (byte) random.nextInt();
            case Byte -> ubyte(random.nextInt(256));
            case Int16 -> (short) random.nextInt();
            case UInt16 -> ushort(random.nextInt(65_536));
            case Int32 -> random.nextInt();
            case UInt32 -> uint(random.nextInt());
            case Int64 -> random.nextLong();
            case UInt64 -> ulong(random.nextLong());
            case Float -> random.nextFloat();
            case Double -> random.nextDouble();
            case String -> string();
            case DateTime -> dateTime();
            case Guid -> new UUID(random.nextLong(), random.nextLong());
            case ByteString -> byteString();
            case XmlElement -> XmlElement.of(string());
            case NodeId -> nodeId();
            case ExpandedNodeId -> expandedNodeId();
            case StatusCode -> statusCode();
            case QualifiedName -> new QualifiedName(random.nextInt(4), string());
            case LocalizedText -> random.nextBoolean() ? LocalizedText.NULL_VALUE : new LocalizedText("de", text());
            case ExtensionObject -> extensionObject();
            case DataValue -> dataValue(depth);
            case Variant -> variant(depth);
            case DiagnosticInfo -> new DiagnosticInfo(1, 2, 3, 4, text(), statusCode(), diagnosticInfo(depth));
        };
    }

    private DataValue dataValue(int depth) {
        return new DataValue(
                depth > 0 ? variant(depth - 1) : Variant.NULL_VALUE,
                statusCode(),
                dateTime(),
                random.nextBoolean() ? ushort(random.nextInt(9_999) + 1) : null,
                dateTime(),
                null);
    }

    private DiagnosticInfo diagnosticInfo(int depth) {
        return new DiagnosticInfo(
                random.nextInt(9), 2, -1, 4, text(), statusCode(), depth > 0 ? diagnosticInfo(depth - 1) : null);
    }

    private ReferenceDescription reference() {
        return new ReferenceDescription(
                nodeId(),
                random.nextBoolean(),
                expandedNodeId(),
                new QualifiedName(1, string()),
                new LocalizedText(null, text()),
                NodeClass.Variable,
                expandedNodeId());
    }

    private ExtensionObject extensionObject() {
        return switch (random.nextInt(3)) {
            case 0 -> ExtensionObject.of(ByteString.NULL_VALUE, NodeId.NULL_VALUE);
            case 1 -> ExtensionObject.of(byteString(), nodeId());
            default -> ExtensionObject.of(XmlElement.of("<a>" + string() + "</a>"), nodeId());
        };
    }

    private NodeId nodeId() {
        return switch (random.nextInt(5)) {
            case 0 -> new NodeId(0, uint(random.nextInt(256)));
            case 1 -> new NodeId(random.nextInt(65_536), uint(random.nextInt()));
            case 2 -> new NodeId(2, string());
            case 3 -> new NodeId(3, new UUID(random.nextLong(), random.nextLong()));
            default -> new NodeId(4, byteString());
        };
    }

    private ExpandedNodeId expandedNodeId() {
        return random.nextBoolean() ? nodeId().expanded() : ExpandedNodeId.of("urn:" + string(), string());
    }

    private StatusCode statusCode() {
        return random.nextBoolean() ? StatusCode.GOOD : new StatusCode(uint(random.nextInt()));
    }

    private DateTime dateTime() {
        return random.nextInt(4) == 0 ? DateTime.MIN_VALUE : new DateTime(random.nextLong());
    }

    private ByteString byteString() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return ByteString.of(bytes);
    }

    /** Not empty: Milo's encoder leaves empty texts out. */
    private String text() {
        return "t" + string();
    }

    private String string() {
        return random.ints(random.nextInt(20), 0x20, 0xD7FF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private <T> T[] array(Class<T> type, IntFunction<T> element) {
        @SuppressWarnings("unchecked")
        T[] array = (T[]) Array.newInstance(type, random.nextInt(5));
        for (int i = 0; i < array.length; i++) {
            array[i] = element.apply(i);
        }
        return array;
    }
}
