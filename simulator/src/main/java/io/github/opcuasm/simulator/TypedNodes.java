package io.github.opcuasm.simulator;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/** Types: writable variables whose DataType is no builtin type but whose values are of one. */
final class TypedNodes {
    static final String FOLDER = "Types";

    private TypedNodes() {}

    static void addTo(NodeBuilder nodes, DataTypeNodes types) {
        NodeBuilder.Folder typed = nodes.folderOf(FOLDER);
        add(nodes, typed, "Enum", types.typeId("Color"), ValueRanks.Scalar, 1);
        add(nodes, typed, "EnumArray", types.typeId("Color"), ValueRanks.OneDimension, new Integer[] {0, 1, 2});
        add(nodes, typed, "EnumValues", types.typeId("Level"), ValueRanks.Scalar, 20);
        add(nodes, typed, "EnumUnknown", types.typeId("Level"), ValueRanks.Scalar, 99);
        add(nodes, typed, "OptionSet", types.typeId("Alarms"), ValueRanks.Scalar, uint(0x8000_0001L));
        add(nodes, typed, "OptionSetArray", types.typeId("Alarms"), ValueRanks.OneDimension, new UInteger[] {
            uint(0), UInteger.MAX
        });
        add(nodes, typed, "Temperature", types.typeId("Temperature"), ValueRanks.Scalar, 21.5);
        add(nodes, typed, "TemperatureArray", types.typeId("Temperature"), ValueRanks.OneDimension, new Double[] {
            21.5, -273.15
        });
        add(nodes, typed, "Serial", types.typeId("Serial"), ValueRanks.Scalar, "SN-1");
        add(nodes, typed, "Duration", NodeIds.Duration, ValueRanks.Scalar, 1500.0);
        add(nodes, typed, "UtcTime", NodeIds.UtcTime, ValueRanks.Scalar, nodes.now());
        add(nodes, typed, "Number", NodeIds.Number, ValueRanks.Scalar, 1.5);
        add(nodes, typed, "Integer", NodeIds.Integer, ValueRanks.Scalar, -1L);
        add(nodes, typed, "UInteger", NodeIds.UInteger, ValueRanks.Scalar, ubyte(255));
        add(nodes, typed, "NumberArray", NodeIds.Number, ValueRanks.OneDimension, new Integer[] {1, 2});
        addVariants(nodes, typed);
        add(nodes, typed, "AnyRank", NodeIds.Int32, ValueRanks.Any, 1);
        add(nodes, typed, "ScalarOrArray", NodeIds.Int32, ValueRanks.ScalarOrOneDimension, new Integer[] {1});
        add(nodes, typed, "OneOrMoreDimensions", NodeIds.Int32, ValueRanks.OneOrMoreDimensions, new Integer[] {1});
    }

    /** What a Variant holds beside plain values. */
    private static void addVariants(NodeBuilder nodes, NodeBuilder.Folder typed) {
        DataValue inner = new DataValue(
                new Variant(42), new StatusCode(StatusCodes.Uncertain_LastUsableValue), nodes.now(), null);
        add(nodes, typed, "DataValue", NodeIds.DataValue, ValueRanks.Scalar, inner);
        add(nodes, typed, "DataValueArray", NodeIds.DataValue, ValueRanks.OneDimension, new DataValue[] {
            inner, new DataValue(new StatusCode(StatusCodes.Bad_NoData))
        });
        add(nodes, typed, "VariantArray", NodeIds.BaseDataType, ValueRanks.OneDimension, new Variant[] {
            new Variant(new Integer[] {1, 2}),
            new Variant(new Variant[] {new Variant("deep"), new Variant(new Variant[] {new Variant(true)})}),
            new Variant(Matrix.ofInt32(new int[][] {{1, 2}, {3, 4}})),
            new Variant(inner),
            Variant.NULL_VALUE
        });
        add(nodes, typed, "VariantMatrix", NodeIds.BaseDataType, 2, Matrix.ofVariant(new Variant[][] {
            {new Variant(1)}, {new Variant("two")}
        }));
    }

    private static void add(
            NodeBuilder nodes, NodeBuilder.Folder folder, String name, NodeId type, int valueRank, Object value) {
        folder.add(name, type, valueRank, nodes.good(value), NodeBuilder.READ_WRITE, NodeBuilder.READ_WRITE);
    }
}
