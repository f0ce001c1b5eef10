package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.util.UUID;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/** Arrays: writable arrays, one for each builtin type and named as the type, and some of unusual shape. */
final class ArrayNodes {
    static final String FOLDER = "Arrays";

    private static final int LARGE = 1_000;

    private ArrayNodes() {}

    static void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder arrays = nodes.folderOf(FOLDER);
        addNumbers(arrays);
        addOthers(arrays);
        addShapes(nodes, arrays);
    }

    private static void addNumbers(NodeBuilder.Folder arrays) {
        arrays.writable("Boolean", OpcUaDataType.Boolean, new Boolean[] {true, false, true});
        arrays.writable("SByte", OpcUaDataType.SByte, new Byte[] {Byte.MIN_VALUE, 0, Byte.MAX_VALUE});
        arrays.writable("Byte", OpcUaDataType.Byte, new UByte[] {ubyte(0), ubyte(128), UByte.MAX});
        arrays.writable("Int16", OpcUaDataType.Int16, new Short[] {Short.MIN_VALUE, 0, Short.MAX_VALUE});
        arrays.writable("UInt16", OpcUaDataType.UInt16, new UShort[] {ushort(0), UShort.MAX});
        arrays.writable("Int32", OpcUaDataType.Int32, new Integer[] {Integer.MIN_VALUE, 0, Integer.MAX_VALUE});
        arrays.writable("UInt32", OpcUaDataType.UInt32, new UInteger[] {uint(0), UInteger.MAX});
        arrays.writable("Int64", OpcUaDataType.Int64, new Long[] {Long.MIN_VALUE, 0L, Long.MAX_VALUE});
        arrays.writable("UInt64", OpcUaDataType.UInt64, new ULong[] {ulong(0), ULong.MAX});
        arrays.writable("Float", OpcUaDataType.Float, new Float[] {-1.5f, Float.NaN, Float.MAX_VALUE});
        arrays.writable("Double", OpcUaDataType.Double, new Double[] {-1.5, Double.NaN, Double.POSITIVE_INFINITY});
    }

    private static void addOthers(NodeBuilder.Folder arrays) {
        arrays.writable("String", OpcUaDataType.String, new String[] {"one", "", null, "\u4E09"});
        arrays.writable("DateTime", OpcUaDataType.DateTime, new DateTime[] {
            DateTime.NULL_VALUE, new DateTime(Instant.parse("2024-02-29T12:30:15.123Z"))
        });
        arrays.writable("Guid", OpcUaDataType.Guid, new UUID[] {new UUID(0, 0), new UUID(1, 2)});
        arrays.writable("ByteString", OpcUaDataType.ByteString, new ByteString[] {
            ByteString.of(new byte[] {1, 2, 3}), ByteString.of(new byte[0]), ByteString.NULL_VALUE
        });
        arrays.writable(
                "XmlElement", OpcUaDataType.XmlElement, new XmlElement[] {XmlElement.of("<a/>"), XmlElement.of("<b/>")
                });
        arrays.writable("NodeId", OpcUaDataType.NodeId, new NodeId[] {NodeIds.Server, new NodeId(2, "Simulator")});
        arrays.writable("ExpandedNodeId", OpcUaDataType.ExpandedNodeId, new ExpandedNodeId[] {
            NodeIds.Server.expanded(), ExpandedNodeId.of(Simulator.NAMESPACE_URI, "Simulator")
        });
        arrays.writable("StatusCode", OpcUaDataType.StatusCode, new StatusCode[] {
            StatusCode.GOOD, new StatusCode(StatusCodes.Bad_Timeout)
        });
        arrays.writable("QualifiedName", OpcUaDataType.QualifiedName, new QualifiedName[] {
            new QualifiedName(0, "a"), new QualifiedName(2, "b")
        });
        arrays.writable("LocalizedText", OpcUaDataType.LocalizedText, new LocalizedText[] {
            new LocalizedText("en", "pump"), new LocalizedText("de", "Pumpe")
        });
        arrays.writable("Variant", OpcUaDataType.Variant, new Variant[] {
            new Variant(1), new Variant("two"), new Variant(3.0), Variant.NULL_VALUE
        });
    }

    private static void addShapes(NodeBuilder nodes, NodeBuilder.Folder arrays) {
        arrays.writable("Empty", OpcUaDataType.Int32, new Integer[0]);
        arrays.add(
                        "Null",
                        NodeIds.Int32,
                        ValueRanks.OneDimension,
                        nodes.good(null),
                        NodeBuilder.READ_WRITE,
                        NodeBuilder.READ_WRITE)
                .setAllowNulls(true);
        arrays.writable("Matrix", OpcUaDataType.Int32, Matrix.ofInt32(new int[][] {{11, 12, 13}, {21, 22, 23}}));
        arrays.writable(
                "Large",
                OpcUaDataType.Double,
                IntStream.range(0, LARGE).mapToObj(i -> (double) i).toArray(Double[]::new));
    }
}
