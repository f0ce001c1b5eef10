package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.DataTypeNodes.array;
import static io.github.opcuasm.simulator.DataTypeNodes.field;
import static io.github.opcuasm.simulator.DataTypeNodes.optional;
import static org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType.Structure;
import static org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType.StructureWithOptionalFields;
import static org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType.StructureWithSubtypedValues;
import static org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType.Union;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.milo.opcua.sdk.server.nodes.UaDataTypeNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumField;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumValueType;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;

/**
 * The simulator's own data types: one of each kind that Part 3, 8.48 and Part 6, 5.2.6 to 5.2.8 tell apart. The
 * package documentation lists their fields; {@link StructureNodes} holds values of them.
 */
final class CustomTypes {
    private static final int TWO_DIMENSIONS = 2;

    private final DataTypeNodes types;

    private CustomTypes(DataTypeNodes types) {
        this.types = types;
    }

    static void addTo(DataTypeNodes types) {
        CustomTypes custom = new CustomTypes(types);
        custom.addSimple();
        custom.addEnumerations();
        custom.addOptionSets();
        custom.addEverything();
        custom.addNested();
        custom.addSubtyped();
        custom.addMixed();
        types.structure("Changing", NodeIds.Structure, Structure, changingFields(false));
        types.type("Opaque", NodeIds.Structure, false, null);
    }

    private void addSimple() {
        types.type("Temperature", NodeIds.Double, false, null);
        types.type("Serial", NodeIds.String, false, null);
    }

    private void addEnumerations() {
        Map<Long, String> colors = new TreeMap<>(Map.of(0L, "Red", 1L, "Green", 2L, "Blue"));
        UaDataTypeNode color = types.type("Color", NodeIds.Enumeration, false, definition(colors));
        types.property(color, "EnumStrings", NodeIds.LocalizedText, texts(colors));

        Map<Long, String> levels = new TreeMap<>(Map.of(-1L, "Unknown", 10L, "Low", 20L, "High"));
        UaDataTypeNode level = types.type("Level", NodeIds.Enumeration, false, definition(levels));
        types.property(
                level,
                "EnumValues",
                NodeIds.EnumValueType,
                levels.entrySet().stream()
                        .map(entry -> new EnumValueType(
                                entry.getKey(), LocalizedText.english(entry.getValue()), LocalizedText.NULL_VALUE))
                        .map(value -> ExtensionObject.encode(types.encodingContext(), value))
                        .toArray(ExtensionObject[]::new));
    }

    /** Part 3, 8.40 and 8.52: the values of an option set's EnumDefinition are numbers of bits. */
    private void addOptionSets() {
        Map<Long, String> alarms = new TreeMap<>(Map.of(0L, "Hot", 1L, "Cold", 2L, "Wet", 31L, "Broken"));
        UaDataTypeNode flags = types.type("Alarms", NodeIds.UInt32, false, definition(alarms));
        LocalizedText[] bits = new LocalizedText[32];
        Arrays.fill(bits, LocalizedText.NULL_VALUE);
        alarms.forEach((bit, name) -> bits[bit.intValue()] = LocalizedText.english(name));
        types.property(flags, "OptionSetValues", NodeIds.LocalizedText, bits);

        Map<Long, String> rights = new TreeMap<>(Map.of(0L, "Look", 1L, "Touch", 9L, "Destroy"));
        UaDataTypeNode permissions = types.type("Permissions", NodeIds.OptionSet, false, definition(rights));
        types.encoding(permissions, "Permissions", DataTypeNodes.BINARY);
    }

    private void addEverything() {
        StructureField[] builtin = Arrays.stream(OpcUaDataType.values())
                .filter(type -> type != OpcUaDataType.DiagnosticInfo)
                .map(type -> field(type.name(), type.getNodeId()))
                .toArray(StructureField[]::new);
        StructureField[] shaped = {
            array("Int32Array", NodeIds.Int32),
            array("StringArray", NodeIds.String),
            array("VariantArray", NodeIds.BaseDataType),
            array("EmptyArray", NodeIds.Int32),
            array("NullArray", NodeIds.Int32),
            field("Matrix", NodeIds.Double, TWO_DIMENSIONS, false),
        };
        types.structure("Everything", NodeIds.Structure, Structure, concat(builtin, shaped));
        types.structure(
                "Diagnosed",
                NodeIds.Structure,
                Structure,
                field("Info", NodeIds.DiagnosticInfo),
                field("After", NodeIds.Int32));
    }

    private void addNested() {
        types.structure(
                "Optionals",
                NodeIds.Structure,
                StructureWithOptionalFields,
                field("Id", NodeIds.Int32),
                optional("Name", NodeIds.String),
                optional("Limit", NodeIds.Double),
                field("Active", NodeIds.Boolean),
                field("Tags", NodeIds.String, 1, true));
        StructureField[] point = {field("X", NodeIds.Double), field("Y", NodeIds.Double)};
        UaDataTypeNode added = types.structure("Point", NodeIds.Structure, Structure, point);
        types.encoding(added, "Point", DataTypeNodes.XML);
        types.structure("Point3D", types.typeId("Point"), Structure, concat(point, new StructureField[] {
            field("Z", NodeIds.Double)
        }));
        types.structure(
                "Choice",
                NodeIds.Union,
                Union,
                field("Number", NodeIds.Int32),
                field("Text", NodeIds.String),
                field("Point", types.typeId("Point")),
                array("Samples", NodeIds.Double));
        types.structure(
                "Polygon",
                NodeIds.Structure,
                Structure,
                field("Label", NodeIds.String),
                field("Center", types.typeId("Point")),
                array("Corners", types.typeId("Point")));
        types.structure(
                "Tree",
                NodeIds.Structure,
                Structure,
                field("Name", NodeIds.String),
                array("Children", types.typeId("Tree")));
    }

    private void addSubtyped() {
        StructureField[] shape = {field("Name", NodeIds.String)};
        types.abstractStructure("Shape", NodeIds.Structure, shape);
        types.structure("Circle", types.typeId("Shape"), Structure, concat(shape, new StructureField[] {
            field("Radius", NodeIds.Double)
        }));
        types.structure("Rectangle", types.typeId("Shape"), Structure, concat(shape, new StructureField[] {
            field("Width", NodeIds.Double), field("Height", NodeIds.Double)
        }));
        // Part 6, 5.2.6: a field that allows subtypes is an ExtensionObject, or a Variant if it is no structure.
        types.structure(
                "Drawing",
                NodeIds.Structure,
                StructureWithSubtypedValues,
                field("Title", NodeIds.String),
                optional("Main", types.typeId("Shape")),
                field("All", types.typeId("Shape"), 1, true),
                optional("Amount", NodeIds.Number),
                field("Origin", types.typeId("Point")));
    }

    private void addMixed() {
        types.structure(
                "Mixed",
                NodeIds.Structure,
                Structure,
                field("Color", types.typeId("Color")),
                field("Level", types.typeId("Level")),
                field("Alarms", types.typeId("Alarms")),
                field("Temperature", types.typeId("Temperature")),
                field("Serial", types.typeId("Serial")),
                array("Colors", types.typeId("Color")),
                field("Permissions", types.typeId("Permissions")));
    }

    /** The definition of the one type that changes at run time; its added field is not the last one. */
    static StructureDefinition changing(DataTypeNodes types, boolean changed) {
        return types.definition("Changing", NodeIds.Structure, Structure, changingFields(changed));
    }

    private static StructureField[] changingFields(boolean changed) {
        StructureField count = field("Count", NodeIds.Int32);
        StructureField label = field("Label", NodeIds.String);
        return changed
                ? new StructureField[] {count, field("Added", NodeIds.Double), label}
                : new StructureField[] {count, label};
    }

    private static EnumDefinition definition(Map<Long, String> names) {
        return new EnumDefinition(names.entrySet().stream()
                .map(entry -> new EnumField(
                        entry.getKey(),
                        LocalizedText.english(entry.getValue()),
                        LocalizedText.NULL_VALUE,
                        entry.getValue()))
                .toArray(EnumField[]::new));
    }

    private static LocalizedText[] texts(Map<Long, String> names) {
        return names.values().stream().map(LocalizedText::english).toArray(LocalizedText[]::new);
    }

    private static StructureField[] concat(StructureField[] first, StructureField[] second) {
        StructureField[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
