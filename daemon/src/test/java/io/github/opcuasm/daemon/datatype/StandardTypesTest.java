package io.github.opcuasm.daemon.datatype;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.EUInformation;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;
import org.junit.jupiter.api.Test;

final class StandardTypesTest {
    private final StandardTypes standard = new StandardTypes();

    @Test
    void structuresOfNamespaceZeroAreKnownByTypeAndByEncoding() {
        assertThat(standard.of(new NodeId(0, 884))).isSameAs(standard.of(new NodeId(0, 886)));
        assertThat(decode(new Range(1.0, 2.5))).isEqualTo(new LinkedHashMap<>(Map.of("Low", 1.0, "High", 2.5)));
        assertThat(decode(new EUInformation("urn:x", 5, LocalizedText.english("m"), LocalizedText.NULL_VALUE)))
                .containsEntry("NamespaceUri", "urn:x")
                .containsEntry("UnitId", 5)
                .containsEntry("DisplayName", new io.github.opcuasm.protocol.type.LocalizedText("en", "m"));
    }

    // Part 6, 5.2.2.15: what is abstract can only be in an envelope that names the type.
    @Test
    void abstractTypesAreEnvelopes() {
        assertThat(standard.of(NodeIds.Structure)).isEqualTo(new ValueType.Simple(BuiltinType.EXTENSION_OBJECT));
        assertThat(standard.of(NodeIds.Union)).isEqualTo(new ValueType.Simple(BuiltinType.EXTENSION_OBJECT));
        assertThat(standard.of(NodeIds.BaseDataType)).isEqualTo(new ValueType.Simple(BuiltinType.VARIANT));
        assertThat(standard.of(NodeIds.Number)).isEqualTo(new ValueType.Simple(BuiltinType.VARIANT));
    }

    @Test
    void otherNamespacesAndUnheardOfTypesAreUnknown() {
        assertThat(standard.of(new NodeId(1, 884))).isNull();
        assertThat(standard.of(new NodeId(0, "884"))).isNull();
        assertThat(standard.of(new NodeId(0, UInteger.MAX))).isNull();
    }

    @Test
    void structureOfOurOwnUsesThoseOfNamespaceZero() {
        StructureShape shape = new Shapes()
                .structure("Limits", Layout.STRUCTURE, Shapes.field("Range", NodeIds.Range))
                .shape("Limits");

        StructureValue value = new StructureDecoder(
                        ByteString.fromHex("000000000000f03f0000000000000040").toByteArray(),
                        ServerTypes.ofNamespaces(new NamespaceTable()),
                        0)
                .decode(shape);

        assertThat(value.get("Range")).isEqualTo(Map.of("Low", 1.0, "High", 2.0));
    }

    private StructureValue decode(org.eclipse.milo.opcua.stack.core.types.UaStructuredType value) {
        ExtensionObject.Binary object =
                (ExtensionObject.Binary) ExtensionObject.encode(DefaultEncodingContext.INSTANCE, value);
        StructureShape shape = (StructureShape) standard.of(object.getEncodingOrTypeId());
        return new StructureDecoder(object.getBody().bytesOrEmpty(), ServerTypes.ofNamespaces(new NamespaceTable()), 0)
                .decode(Objects.requireNonNull(shape));
    }
}
