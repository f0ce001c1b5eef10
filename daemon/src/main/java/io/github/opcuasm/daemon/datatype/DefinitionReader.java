package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of DataTypeDefinition attributes (Part 3, 8.48 to 8.51). They are structures themselves, and a server's
 * bytes like any others, so they go through the same decoder.
 */
final class DefinitionReader {
    private static final int MAX_FIELDS = 10_000;

    private final StandardTypes standard;

    DefinitionReader(StandardTypes standard) {
        this.standard = standard;
    }

    /** Without fields and constants if it is no definition, or not a valid one. */
    DataTypeDescription read(ExtensionObject definition, boolean isAbstract) {
        StructureShape shape = standard.structure(definition.getEncodingOrTypeId());
        if (shape != null && definition instanceof ExtensionObject.Binary binary && binary.getBody() != null) {
            try {
                StructureValue value = new StructureDecoder(
                                binary.getBody().bytesOrEmpty(), ServerTypes.ofNamespaces(new NamespaceTable()), 0)
                        .decode(shape);
                if (shape.typeId().equals(TypeMapper.toWire(NodeIds.StructureDefinition))) {
                    return structure(value, isAbstract);
                }
                if (shape.typeId().equals(TypeMapper.toWire(NodeIds.EnumDefinition))) {
                    return new DataTypeDescription(null, constants(value), isAbstract, null, null);
                }
            } catch (RuntimeException e) {
                // As if there were none: who needs the type finds it unknown.
            }
        }
        return new DataTypeDescription(null, null, isAbstract, null, null);
    }

    private static DataTypeDescription structure(StructureValue value, boolean isAbstract) {
        List<DataTypeDescription.Field> fields = new ArrayList<>();
        for (StructureValue field : elements(value.get("Fields"))) {
            fields.add(new DataTypeDescription.Field(
                    field.get("Name") instanceof String name ? name : "",
                    TypeMapper.toMilo((NodeId) required(field.get("DataType"))),
                    (Integer) required(field.get("ValueRank")),
                    Boolean.TRUE.equals(field.get("IsOptional"))));
        }
        Layout layout = Layout.of((Integer) required(value.get("StructureType")));
        return new DataTypeDescription(
                new DataTypeDescription.Fields(layout, List.copyOf(fields)),
                null,
                isAbstract,
                nodeId(value.get("BaseDataType")),
                nodeId(value.get("DefaultEncodingId")));
    }

    private static Set<Long> constants(StructureValue value) {
        Set<Long> constants = new HashSet<>();
        elements(value.get("Fields")).forEach(field -> constants.add((Long) required(field.get("Value"))));
        return constants;
    }

    private static List<StructureValue> elements(@Nullable Object list) {
        List<StructureValue> structures = new ArrayList<>();
        if (list instanceof List<?> elements && elements.size() <= MAX_FIELDS) {
            elements.forEach(element -> structures.add((StructureValue) required(element)));
        } else if (list != null) {
            throw new BodyMismatchException("more than " + MAX_FIELDS + " fields");
        }
        return structures;
    }

    private static org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable NodeId nodeId(@Nullable Object value) {
        return value instanceof NodeId nodeId && !nodeId.isNull() ? TypeMapper.toMilo(nodeId) : null;
    }

    private static Object required(@Nullable Object value) {
        if (value == null) {
            throw new BodyMismatchException("a definition without what makes it one");
        }
        return value;
    }
}
