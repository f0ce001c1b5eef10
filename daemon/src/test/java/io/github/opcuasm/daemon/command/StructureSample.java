package io.github.opcuasm.daemon.command;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * A structure of one of the simulator's types twice: as the JSON of its fields, and as the bytes of its body, which are
 * written here field by field as Part 6, 5.2.6 to 5.2.8 say, and built-in types by the server's stack.
 *
 * @param typeName below {@code DataTypes}
 * @param json the fields
 */
record StructureSample(String typeName, String json, ByteString body) {
    private static final int MAX_DEPTH = 4;

    /** The structures that {@link #of} makes. */
    static final List<String> TYPES = List.of(
            "Everything",
            "Mixed",
            "Permissions",
            "Optionals",
            "Choice",
            "Point",
            "Point3D",
            "Polygon",
            "Tree",
            "Circle",
            "Rectangle",
            "Drawing");

    static StructureSample of(Random random, String typeName) {
        Fields fields = new Fields(random);
        switch (typeName) {
            case "Everything" -> fields.everything();
            case "Mixed" -> fields.mixed();
            case "Permissions" -> fields.permissions();
            case "Optionals" -> fields.optionals(random.nextInt(8));
            case "Choice" -> fields.choice(random.nextInt(5));
            case "Point" -> fields.scalars(OpcUaDataType.Double, "X", "Y");
            case "Point3D" -> fields.scalars(OpcUaDataType.Double, "X", "Y", "Z");
            case "Polygon" -> fields.polygon();
            case "Tree" -> fields.tree(MAX_DEPTH);
            case "Circle" -> fields.scalars(OpcUaDataType.String, "Name").scalars(OpcUaDataType.Double, "Radius");
            case "Rectangle" ->
                fields.scalars(OpcUaDataType.String, "Name").scalars(OpcUaDataType.Double, "Width", "Height");
            case "Drawing" -> fields.drawing();
            default -> throw new IllegalArgumentException(typeName);
        }
        return fields.sample(typeName);
    }

    /** With these optional fields: bit 0 Name, 1 Limit, 2 Tags. */
    static StructureSample optionals(Random random, int present) {
        return new Fields(random).optionals(present).sample("Optionals");
    }

    /** With this field: 0 none, 1 Number, 2 Text, 3 Point, 4 Samples. */
    static StructureSample choice(Random random, int selected) {
        return new Fields(random).choice(selected).sample("Choice");
    }

    NodeId encodingId() {
        return new NodeId(2, encodingName());
    }

    /** With its type and without a body, as it is written where the variable does not tell the type. */
    String typedJson() {
        return "{\"typeId\":\"ns=2;s=DataTypes/" + typeName + "\",\"value\":" + json + "}";
    }

    /** As it is read, and may be written too. */
    String wholeJson() {
        return "{\"typeId\":{\"ns\":2,\"id\":\"" + encodingName() + "\",\"type\":\"string\"},\"encoding\":1,\"body\":"
                + ValueSample.base64(body.bytes()) + ",\"value\":" + json + "}";
    }

    private String encodingName() {
        return "DataTypes/" + typeName + "/Default Binary";
    }

    /** The fields of one structure as they come to be. */
    private static final class Fields {
        private final Random random;
        private final List<String> members = new ArrayList<>();
        private final ByteBuf body = Unpooled.buffer();
        private final OpcUaBinaryEncoder encoder =
                new OpcUaBinaryEncoder(DefaultEncodingContext.INSTANCE).setBuffer(body);

        Fields(Random random) {
            this.random = random;
        }

        StructureSample sample(String typeName) {
            return new StructureSample(
                    typeName,
                    members.stream().collect(Collectors.joining(",", "{", "}")),
                    ByteString.of(ByteBufUtil.getBytes(body)));
        }

        Fields scalars(OpcUaDataType type, String... names) {
            for (String name : names) {
                ValueSample sample = ValueSample.scalar(random, type, 2);
                member(name, sample.json());
                encode(type, sample.value());
            }
            return this;
        }

        Fields array(OpcUaDataType type, String name, int length) {
            ValueSample sample = ValueSample.array(random, type, length, 2);
            member(name, sample.json());
            body.writeIntLE(length);
            return elements(type, Objects.requireNonNull(sample.value()));
        }

        private Fields elements(OpcUaDataType type, Object array) {
            for (int i = 0; i < Array.getLength(array); i++) {
                encode(type, Array.get(array, i));
            }
            return this;
        }

        private Fields nullArray(String name) {
            member(name, "null");
            body.writeIntLE(-1);
            return this;
        }

        private Fields structure(String name, StructureSample sample) {
            member(name, sample.json);
            body.writeBytes(sample.body.bytesOrEmpty());
            return this;
        }

        private Fields structures(String name, List<StructureSample> samples) {
            member(name, samples.stream().map(StructureSample::json).collect(Collectors.joining(",", "[", "]")));
            body.writeIntLE(samples.size());
            samples.forEach(sample -> body.writeBytes(sample.body.bytesOrEmpty()));
            return this;
        }

        private Fields whole(String name, int value, String json) {
            member(name, json);
            body.writeIntLE(value);
            return this;
        }

        void everything() {
            for (OpcUaDataType type : OpcUaDataType.values()) {
                if (type != OpcUaDataType.DiagnosticInfo) {
                    scalars(type, type.name());
                }
            }
            array(OpcUaDataType.Int32, "Int32Array", random.nextInt(4));
            array(OpcUaDataType.String, "StringArray", random.nextInt(4));
            array(OpcUaDataType.Variant, "VariantArray", random.nextInt(4));
            array(OpcUaDataType.Int32, "EmptyArray", 0);
            nullArray("NullArray");
            int rows = 1 + random.nextInt(3);
            int columns = 1 + random.nextInt(3);
            ValueSample matrix = ValueSample.array(random, OpcUaDataType.Double, rows * columns, 0);
            member("Matrix", "{\"value\":" + matrix.json() + ",\"dimensions\":[" + rows + "," + columns + "]}");
            // Part 6, 5.2.5: the dimensions, then the elements without a length.
            body.writeIntLE(2).writeIntLE(rows).writeIntLE(columns);
            elements(OpcUaDataType.Double, Objects.requireNonNull(matrix.value()));
        }

        void mixed() {
            int color = random.nextInt(3);
            int level = new int[] {-1, 10, 20}[random.nextInt(3)];
            whole("Color", color, String.valueOf(color));
            whole("Level", level, String.valueOf(level));
            scalars(OpcUaDataType.UInt32, "Alarms");
            scalars(OpcUaDataType.Double, "Temperature");
            scalars(OpcUaDataType.String, "Serial");
            int first = random.nextInt(3);
            member("Colors", "[" + first + ",2]");
            body.writeIntLE(2).writeIntLE(first).writeIntLE(2);
            structure("Permissions", of(random, "Permissions"));
        }

        void permissions() {
            scalars(OpcUaDataType.ByteString, "Value", "ValidBits");
        }

        /** Part 6, 5.2.7: bit n of the mask stands for the n-th optional field. */
        Fields optionals(int present) {
            body.writeIntLE(present);
            scalars(OpcUaDataType.Int32, "Id");
            if ((present & 1) != 0) {
                scalars(OpcUaDataType.String, "Name");
            }
            if ((present & 2) != 0) {
                scalars(OpcUaDataType.Double, "Limit");
            }
            scalars(OpcUaDataType.Boolean, "Active");
            if ((present & 4) != 0) {
                if (random.nextInt(4) == 0) {
                    nullArray("Tags");
                } else {
                    array(OpcUaDataType.String, "Tags", random.nextInt(3));
                }
            }
            return this;
        }

        /** Part 6, 5.2.8: the number of the field, and the field. */
        Fields choice(int selected) {
            body.writeIntLE(selected);
            return switch (selected) {
                case 1 -> scalars(OpcUaDataType.Int32, "Number");
                case 2 -> scalars(OpcUaDataType.String, "Text");
                case 3 -> structure("Point", of(random, "Point"));
                case 4 -> array(OpcUaDataType.Double, "Samples", random.nextInt(4));
                default -> this;
            };
        }

        void polygon() {
            scalars(OpcUaDataType.String, "Label");
            structure("Center", of(random, "Point"));
            List<StructureSample> corners = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                corners.add(of(random, "Point"));
            }
            structures("Corners", corners);
        }

        Fields tree(int depth) {
            scalars(OpcUaDataType.String, "Name");
            if (random.nextInt(4) == 0) {
                return nullArray("Children");
            }
            List<StructureSample> children = new ArrayList<>();
            for (int i = depth == 0 ? 0 : random.nextInt(3); i > 0; i--) {
                children.add(new Fields(random).tree(depth - 1).sample("Tree"));
            }
            return structures("Children", children);
        }

        /** Fields that allow subtypes bring their types: an ExtensionObject, or a Variant if it is no structure. */
        void drawing() {
            scalars(OpcUaDataType.String, "Title");
            member("Main", shape(random.nextBoolean()));
            List<String> all = new ArrayList<>();
            int length = random.nextInt(4);
            body.writeIntLE(length);
            for (int i = 0; i < length; i++) {
                all.add(shape(random.nextInt(4) != 0));
            }
            member("All", "[" + String.join(",", all) + "]");
            amount(random.nextBoolean());
            structure("Origin", of(random, "Point"));
        }

        private String shape(boolean present) {
            if (!present) {
                encoder.encodeExtensionObject(ExtensionObject.of(ByteString.NULL_VALUE, NodeId.NULL_VALUE));
                return "{\"typeId\":{\"ns\":0,\"id\":0,\"type\":\"numeric\"},\"encoding\":0,\"body\":null,\"value\":null}";
            }
            StructureSample sample = of(random, random.nextBoolean() ? "Circle" : "Rectangle");
            encoder.encodeExtensionObject(ExtensionObject.of(sample.body, sample.encodingId()));
            return sample.wholeJson();
        }

        private void amount(boolean whole) {
            ValueSample sample = ValueSample.scalar(random, whole ? OpcUaDataType.UInt64 : OpcUaDataType.Double, 0);
            member("Amount", sample.variantJson());
            encoder.encodeVariant(sample.variant());
        }

        private void member(String name, String json) {
            members.add(ValueSample.quoted(name) + ":" + json);
        }

        @SuppressWarnings("NullAway") // Only a String is null, and the stack takes that.
        private void encode(OpcUaDataType type, @Nullable Object value) {
            switch (type) {
                case Boolean -> encoder.encodeBoolean((Boolean) value);
                case SByte -> encoder.encodeSByte((Byte) value);
                case Byte -> encoder.encodeByte((UByte) value);
                case Int16 -> encoder.encodeInt16((Short) value);
                case UInt16 -> encoder.encodeUInt16((UShort) value);
                case Int32 -> encoder.encodeInt32((Integer) value);
                case UInt32 -> encoder.encodeUInt32((UInteger) value);
                case Int64 -> encoder.encodeInt64((Long) value);
                case UInt64 -> encoder.encodeUInt64((ULong) value);
                case Float -> encoder.encodeFloat((Float) value);
                case Double -> encoder.encodeDouble((Double) value);
                case String -> encoder.encodeString((String) value);
                case DateTime -> encoder.encodeDateTime((DateTime) value);
                case Guid -> encoder.encodeGuid((UUID) value);
                case ByteString -> encoder.encodeByteString((ByteString) value);
                case XmlElement -> encoder.encodeXmlElement((XmlElement) value);
                case NodeId -> encoder.encodeNodeId((NodeId) value);
                case ExpandedNodeId -> encoder.encodeExpandedNodeId((ExpandedNodeId) value);
                case StatusCode -> encoder.encodeStatusCode((StatusCode) value);
                case QualifiedName -> encoder.encodeQualifiedName((QualifiedName) value);
                case LocalizedText -> encoder.encodeLocalizedText((LocalizedText) value);
                case ExtensionObject -> encoder.encodeExtensionObject((ExtensionObject) value);
                case DataValue -> encoder.encodeDataValue((DataValue) value);
                case Variant -> encoder.encodeVariant((Variant) value);
                case DiagnosticInfo -> throw new IllegalArgumentException("A DiagnosticInfo is never written");
            }
        }
    }
}
