package io.github.opcuasm.simulator;

import java.util.UUID;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;

/**
 * Structures: writable variables with values of {@link CustomTypes}. A value is an ExtensionObject whose body was
 * written by {@link BodyWriter}; Milo never decodes it, so that what a client writes is served back byte for byte.
 */
final class StructureNodes {
    static final String FOLDER = "Structures";

    private static final UUID GUID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    // 2024-02-29T12:30:15.1234567Z in 100 ns since 1601.
    private static final long TIME = 133_536_834_151_234_567L;

    private final DataTypeNodes types;
    private final int namespace;
    private final NodeBuilder nodes;
    private final NodeBuilder.Folder structures;

    private StructureNodes(NodeBuilder nodes, DataTypeNodes types) {
        this.nodes = nodes;
        this.types = types;
        this.structures = nodes.folderOf(FOLDER);
        this.namespace = types.typeId("").getNamespaceIndex().intValue();
    }

    /** Adds the variables and returns the one whose type changes. */
    static UaVariableNode addTo(NodeBuilder nodes, DataTypeNodes types) {
        StructureNodes added = new StructureNodes(nodes, types);
        added.addPlain();
        added.addOptionals();
        added.addChoices();
        added.addNested();
        added.addSubtyped();
        added.addOdd();
        return added.variable("Changing", "Changing", changing(types, false));
    }

    /** A value of the type that changes, as its definition wants it. */
    static ExtensionObject changing(DataTypeNodes types, boolean changed) {
        BodyWriter body = new BodyWriter().int32(7);
        if (changed) {
            body.float64(2.5);
        }
        return body.string("after").toExtensionObject(types.encodingId("Changing"));
    }

    private void addPlain() {
        ExtensionObject everything = value("Everything", everything());
        variable("Everything", "Everything", everything);
        variable("EverythingArray", "Everything", new ExtensionObject[] {everything, everything});
        // Part 6, 5.2.2.12: a symbolic id, a namespace, an inner status.
        variable(
                "Diagnosed",
                "Diagnosed",
                value(
                        "Diagnosed",
                        new BodyWriter()
                                .uint8(0x23)
                                .int32(1)
                                .int32(2)
                                .int32(0x8001_0000)
                                .int32(4)));
        ExtensionObject mixed = value("Mixed", mixed());
        variable("Mixed", "Mixed", mixed);
        variable("MixedArray", "Mixed", new ExtensionObject[] {mixed, mixed});
        variable("Permissions", "Permissions", value("Permissions", permissions()));
    }

    private BodyWriter everything() {
        return new BodyWriter()
                .bool(true)
                .uint8(-128)
                .uint8(255)
                .int16(-32_768)
                .int16(65_535)
                .int32(Integer.MIN_VALUE)
                .int32(-1)
                .int64(Long.MIN_VALUE)
                .int64(-1)
                .float32(1.5f)
                .float64(-0.0)
                .string("pump \uD83D\uDEB0")
                .int64(TIME)
                .guid(GUID)
                .bytes(new byte[] {0, (byte) 0xFF})
                .string("<a/>")
                .stringId(namespace, "Simulator")
                .standardId(2253)
                .int32(0x8007_0000)
                .name(namespace, "name")
                .text("en", "text")
                .extensionObject(types.encodingId("Point"), point(1, 2).toBytes())
                // A DataValue with a value, a status and a source time.
                .uint8(0x07)
                .uint8(BodyWriter.INT32)
                .int32(42)
                .int32(0x4000_0000)
                .int64(TIME)
                // A Variant that holds an array of Variants.
                .uint8(BodyWriter.VARIANT | BodyWriter.ARRAY)
                .int32(2)
                .uint8(BodyWriter.INT32)
                .int32(1)
                .uint8(BodyWriter.STRING)
                .string("two")
                .int32s(1, -2, 3)
                .strings("a", "", null)
                .int32(2)
                .uint8(BodyWriter.BOOLEAN)
                .bool(true)
                .uint8(0)
                .int32s()
                .nullArray()
                // Part 6, 5.2.5: dimensions, then the values without a length.
                .int32s(2, 3)
                .float64(11)
                .float64(12)
                .float64(13)
                .float64(21)
                .float64(22)
                .float64(23);
    }

    private BodyWriter mixed() {
        return new BodyWriter()
                .int32(2)
                .int32(20)
                .int32(0x8000_0001)
                .float64(21.5)
                .string("SN-1")
                .int32s(0, 1, 2)
                .raw(permissions().toBytes());
    }

    /** An OptionSet is two bit strings: what is set and what is valid (Part 3, 8.40). */
    private static BodyWriter permissions() {
        return new BodyWriter().bytes(new byte[] {0x01, 0x02}).bytes(new byte[] {0x03, 0x02});
    }

    private void addOptionals() {
        ExtensionObject all = value("Optionals", optionals(true, true, true));
        ExtensionObject none = value("Optionals", optionals(false, false, false));
        ExtensionObject last = value("Optionals", optionals(false, false, true));
        variable("Optionals", "Optionals", last);
        variable("OptionalsAll", "Optionals", all);
        variable("OptionalsNone", "Optionals", none);
        variable("OptionalsFirst", "Optionals", value("Optionals", optionals(true, false, false)));
        variable("OptionalsMiddle", "Optionals", value("Optionals", optionals(false, true, false)));
        variable("OptionalsLast", "Optionals", last);
        variable("OptionalsArray", "Optionals", new ExtensionObject[] {all, none, last});
    }

    /** Part 6, 5.2.7: bit n of the mask stands for the n-th optional field, mandatory ones do not count. */
    private static BodyWriter optionals(boolean name, boolean limit, boolean tags) {
        BodyWriter body = new BodyWriter()
                .int32((name ? 1 : 0) | (limit ? 2 : 0) | (tags ? 4 : 0))
                .int32(5);
        if (name) {
            body.string("valve");
        }
        if (limit) {
            body.float64(9.5);
        }
        body.bool(true);
        return tags ? body.strings("x", "y") : body;
    }

    /** Part 6, 5.2.8: the number of the field that is there, from 1; 0 for none. */
    private void addChoices() {
        ExtensionObject number = value("Choice", new BodyWriter().int32(1).int32(-5));
        ExtensionObject text = value("Choice", new BodyWriter().int32(2).string("five"));
        ExtensionObject point =
                value("Choice", new BodyWriter().int32(3).raw(point(3, 4).toBytes()));
        ExtensionObject none = value("Choice", new BodyWriter().int32(0));
        variable("Choice", "Choice", number);
        variable("ChoiceText", "Choice", text);
        variable("ChoicePoint", "Choice", point);
        variable(
                "ChoiceSamples",
                "Choice",
                value("Choice", new BodyWriter().int32(4).float64s(0.5, Double.NaN)));
        variable("ChoiceNone", "Choice", none);
        variable("ChoiceArray", "Choice", new ExtensionObject[] {number, text, point, none});
    }

    private void addNested() {
        ExtensionObject point = value("Point", point(1.5, -2));
        variable("Point", "Point", point);
        variable("PointArray", "Point", new ExtensionObject[] {point, value("Point", point(3, 4))});
        variable("PointMatrix", "Point", Matrix.ofExtensionObject(new ExtensionObject[][] {
            {value("Point", point(0, 0)), value("Point", point(0, 1))},
            {value("Point", point(1, 0)), value("Point", point(1, 1))},
        }));
        ExtensionObject polygon = value(
                "Polygon",
                new BodyWriter()
                        .string("triangle")
                        .raw(point(0, 0).toBytes())
                        .int32(3)
                        .raw(point(0, 1).toBytes())
                        .raw(point(1, 0).toBytes())
                        .raw(point(-1, 0).toBytes()));
        variable("Polygon", "Polygon", polygon);
        variable("PolygonArray", "Polygon", new ExtensionObject[] {polygon, polygon});
        BodyWriter leaf = new BodyWriter().string("leaf").int32(0);
        BodyWriter bare = new BodyWriter().string("bare").nullArray();
        ExtensionObject tree = value(
                "Tree",
                new BodyWriter()
                        .string("root")
                        .int32(2)
                        .string("branch")
                        .int32(1)
                        .raw(leaf.toBytes())
                        .raw(bare.toBytes()));
        variable("Tree", "Tree", tree);
        variable("TreeArray", "Tree", new ExtensionObject[] {tree, value("Tree", leaf)});
    }

    private void addSubtyped() {
        ExtensionObject point = value("Point3D", point(1, 2).float64(3));
        variable("Point3D", "Point3D", point);
        variable("Point3DArray", "Point3D", new ExtensionObject[] {point, point});
        ExtensionObject circle = value("Circle", circle());
        ExtensionObject rectangle = value("Rectangle", rectangle());
        variable("Shape", "Shape", circle);
        variable("ShapeArray", "Shape", new ExtensionObject[] {circle, rectangle});
        ExtensionObject drawing = value(
                "Drawing",
                new BodyWriter()
                        .string("plan")
                        .extensionObject(types.encodingId("Circle"), circle().toBytes())
                        .int32(3)
                        .extensionObject(
                                types.encodingId("Rectangle"), rectangle().toBytes())
                        .extensionObject(types.encodingId("Circle"), circle().toBytes())
                        .nullExtensionObject()
                        .uint8(BodyWriter.DOUBLE)
                        .float64(0.25)
                        .raw(point(0, 0).toBytes()));
        variable("Drawing", "Drawing", drawing);
        variable("DrawingArray", "Drawing", new ExtensionObject[] {drawing, drawing});
    }

    private void addOdd() {
        variable("Opaque", "Opaque", value("Opaque", new BodyWriter().int32(1).string("?")));
        variable(
                "Xml",
                "Point",
                ExtensionObject.of(
                        XmlElement.of("<Point><X>1.5</X><Y>-2</Y></Point>"),
                        types.encodingId("Point", DataTypeNodes.XML)));
        variable("Null", "Point", ExtensionObject.of(ByteString.NULL_VALUE, NodeId.NULL_VALUE));
        variable("EmptyArray", "Point", new ExtensionObject[0]);
        // Bodies that do not fit their definition.
        variable("TooShort", "Point", value("Point", new BodyWriter().float64(1).int32(0)));
        variable("TooLong", "Point", value("Point", point(1, 2).int32(0)));
        variable(
                "NoSuchChoice",
                "Choice",
                value("Choice", new BodyWriter().int32(9).int32(1)));
        variable(
                "NoSuchOption",
                "Optionals",
                value("Optionals", new BodyWriter().int32(-1).int32(1)));
    }

    private static BodyWriter point(double x, double y) {
        return new BodyWriter().float64(x).float64(y);
    }

    private static BodyWriter circle() {
        return new BodyWriter().string("circle").float64(2);
    }

    private static BodyWriter rectangle() {
        return new BodyWriter().string("rectangle").float64(3).float64(4);
    }

    private ExtensionObject value(String type, BodyWriter body) {
        return body.toExtensionObject(types.encodingId(type));
    }

    private UaVariableNode variable(String name, String type, Object value) {
        int rank = value instanceof Matrix matrix
                ? matrix.getDimensions().length
                : value.getClass().isArray() ? ValueRanks.OneDimension : ValueRanks.Scalar;
        return structures.add(
                name, types.typeId(type), rank, nodes.good(value), NodeBuilder.READ_WRITE, NodeBuilder.READ_WRITE);
    }
}
