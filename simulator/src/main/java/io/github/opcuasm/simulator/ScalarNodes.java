package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;

/** Scalars: one writable variable for each builtin type, named as the type. */
final class ScalarNodes {
    static final String FOLDER = "Scalars";

    private ScalarNodes() {}

    static void addTo(NodeBuilder nodes) {
        NodeBuilder.Folder scalars = nodes.folderOf(FOLDER);
        scalars.writable("Boolean", OpcUaDataType.Boolean, true);
        scalars.writable("SByte", OpcUaDataType.SByte, (byte) -8);
        scalars.writable("Byte", OpcUaDataType.Byte, ubyte(8));
        scalars.writable("Int16", OpcUaDataType.Int16, (short) -16);
        scalars.writable("UInt16", OpcUaDataType.UInt16, ushort(16));
        scalars.writable("Int32", OpcUaDataType.Int32, -32);
        scalars.writable("UInt32", OpcUaDataType.UInt32, uint(32));
        scalars.writable("Int64", OpcUaDataType.Int64, -64L);
        scalars.writable("UInt64", OpcUaDataType.UInt64, ulong(64));
        scalars.writable("Float", OpcUaDataType.Float, 3.25f);
        scalars.writable("Double", OpcUaDataType.Double, 2.718281828459045);
        scalars.writable("String", OpcUaDataType.String, "simulated").setAllowNulls(true);
        scalars.writable("DateTime", OpcUaDataType.DateTime, new DateTime(Instant.parse("2024-02-29T12:30:15.123Z")));
        scalars.writable("Guid", OpcUaDataType.Guid, UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63"));
        scalars.writable(
                "ByteString", OpcUaDataType.ByteString, ByteString.of("bytes".getBytes(StandardCharsets.US_ASCII)));
        scalars.writable("XmlElement", OpcUaDataType.XmlElement, XmlElement.of("<value unit=\"bar\">1.5</value>"));
        scalars.writable("NodeId", OpcUaDataType.NodeId, NodeIds.Server);
        scalars.writable(
                "ExpandedNodeId",
                OpcUaDataType.ExpandedNodeId,
                ExpandedNodeId.of(Simulator.NAMESPACE_URI, FOLDER + "/Int32"));
        scalars.writable("StatusCode", OpcUaDataType.StatusCode, new StatusCode(StatusCodes.Good_Clamped));
        scalars.writable("QualifiedName", OpcUaDataType.QualifiedName, new QualifiedName(2, "qualified"));
        scalars.writable("LocalizedText", OpcUaDataType.LocalizedText, new LocalizedText("de", "Förderband"));
        // Part 3, 8.7: any type and any rank.
        scalars.add(
                        "Variant",
                        NodeIds.BaseDataType,
                        ValueRanks.Any,
                        nodes.good(1),
                        NodeBuilder.READ_WRITE,
                        NodeBuilder.READ_WRITE)
                .setAllowNulls(true);
    }
}
