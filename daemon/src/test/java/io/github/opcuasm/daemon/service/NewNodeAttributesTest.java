package io.github.opcuasm.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.MethodAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.NodeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewAttributes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Part 4, 7.24: each node class has a structure of its own, and a mask says which of its fields count. */
final class NewNodeAttributesTest {
    // Part 4, table 150: the bits.
    @ParameterizedTest
    @CsvSource({
        "ACCESS_LEVEL, 0",
        "ARRAY_DIMENSIONS, 1",
        "CONTAINS_NO_LOOPS, 3",
        "DATA_TYPE_ID, 4",
        "DESCRIPTION, 5",
        "DISPLAY_NAME, 6",
        "EVENT_NOTIFIER, 7",
        "EXECUTABLE, 8",
        "HISTORIZING, 9",
        "INVERSE_NAME, 10",
        "IS_ABSTRACT, 11",
        "MINIMUM_SAMPLING_INTERVAL, 12",
        "SYMMETRIC, 15",
        "USER_ACCESS_LEVEL, 16",
        "USER_EXECUTABLE, 17",
        "USER_WRITE_MASK, 18",
        "VALUE_RANK, 19",
        "WRITE_MASK, 20",
        "VALUE, 21"
    })
    void eachAttributeHasItsBit(NodeAttribute attribute, int bit) {
        assertThat(attribute.bit()).isEqualTo(1 << bit);
    }

    @ParameterizedTest
    @CsvSource({
        "OBJECT, 1",
        "VARIABLE, 2",
        "METHOD, 4",
        "OBJECT_TYPE, 8",
        "VARIABLE_TYPE, 16",
        "REFERENCE_TYPE, 32",
        "DATA_TYPE, 64",
        "VIEW, 128"
    })
    void eachNodeClassHasItsNumber(NodeClass nodeClass, int value) {
        assertThat(nodeClass.value()).isEqualTo(value);
        assertThat(NodeClass.of(value)).contains(nodeClass);
    }

    @Test
    void everyNodeClassHasItsStructure() {
        assertThat(Stream.of(NodeClass.values()).map(nodeClass -> structure(nodeClass, Map.of(), null)))
                .hasExactlyElementsOfTypes(
                        ObjectAttributes.class,
                        VariableAttributes.class,
                        MethodAttributes.class,
                        ObjectTypeAttributes.class,
                        VariableTypeAttributes.class,
                        ReferenceTypeAttributes.class,
                        DataTypeAttributes.class,
                        ViewAttributes.class);
    }

    @Test
    void variableCarriesAllThatWasGivenAndTheMaskOfIt() {
        Map<NodeAttribute, Object> given = new EnumMap<>(NodeAttribute.class);
        given.put(NodeAttribute.DISPLAY_NAME, new LocalizedText("de", "Drehzahl"));
        given.put(NodeAttribute.WRITE_MASK, 0xFFFF_FFFFL);
        given.put(NodeAttribute.DATA_TYPE_ID, NodeId.numeric(0, 11));
        given.put(NodeAttribute.VALUE_RANK, 2);
        given.put(NodeAttribute.ARRAY_DIMENSIONS, List.of(3L, 0L));
        given.put(NodeAttribute.ACCESS_LEVEL, 0x7F);
        given.put(NodeAttribute.MINIMUM_SAMPLING_INTERVAL, -1.0);
        given.put(NodeAttribute.HISTORIZING, true);

        VariableAttributes sent =
                (VariableAttributes) structure(NodeClass.VARIABLE, given, Variant.scalar(BuiltinType.DOUBLE, 1.5));

        assertThat(sent.getSpecifiedAttributes().intValue())
                .isEqualTo(1 << 6 | 1 << 20 | 1 << 4 | 1 << 19 | 1 << 1 | 1 | 1 << 12 | 1 << 9);
        assertThat(sent.getDisplayName().locale()).isEqualTo("de");
        assertThat(sent.getDisplayName().text()).isEqualTo("Drehzahl");
        assertThat(sent.getWriteMask().longValue()).isEqualTo(0xFFFF_FFFFL);
        assertThat(sent.getDataType().toParseableString()).isEqualTo("i=11");
        assertThat(sent.getValueRank()).isEqualTo(2);
        assertThat(sent.getArrayDimensions()).extracting(UInteger::intValue).containsExactly(3, 0);
        assertThat(sent.getAccessLevel().intValue()).isEqualTo(127);
        assertThat(sent.getMinimumSamplingInterval()).isEqualTo(-1.0);
        assertThat(sent.getHistorizing()).isTrue();
        assertThat(sent.getValue().getValue()).isEqualTo(1.5);
    }

    @Test
    void whatIsNotSpecifiedHasNoBitThoughAFieldHoldsIt() {
        NewNode node = new NewNode(
                NodeId.numeric(0, 85),
                NodeId.numeric(0, 35),
                null,
                new QualifiedName(2, "x"),
                NodeClass.VARIABLE_TYPE,
                null,
                Map.of(NodeAttribute.DATA_TYPE_ID, NodeId.numeric(0, 24), NodeAttribute.IS_ABSTRACT, true),
                Set.of(NodeAttribute.IS_ABSTRACT));

        VariableTypeAttributes sent =
                (VariableTypeAttributes) new NewNodeAttributes(node, null, new NamespaceTable()).structure();

        assertThat(sent.getSpecifiedAttributes().intValue()).isEqualTo(1 << 11);
        assertThat(sent.getDataType().toParseableString()).isEqualTo("i=24");
        assertThat(sent.getIsAbstract()).isTrue();
        assertThat(sent.getArrayDimensions()).isNull();
    }

    @Test
    void referenceTypeHasItsNameInBothDirections() {
        ReferenceTypeAttributes sent = (ReferenceTypeAttributes) structure(
                NodeClass.REFERENCE_TYPE,
                Map.of(
                        NodeAttribute.INVERSE_NAME,
                        new LocalizedText(null, "FedBy"),
                        NodeAttribute.SYMMETRIC,
                        false,
                        NodeAttribute.DISPLAY_NAME,
                        new LocalizedText(null, "Feeds")),
                null);

        assertThat(sent.getDisplayName().text()).isEqualTo("Feeds");
        assertThat(sent.getInverseName().text()).isEqualTo("FedBy");
        assertThat(sent.getSpecifiedAttributes().intValue()).isEqualTo(1 << 6 | 1 << 10 | 1 << 15);
    }

    private static NodeAttributes structure(
            NodeClass nodeClass, Map<NodeAttribute, Object> given, @Nullable Variant value) {
        UaStructuredType structure = new NewNodeAttributes(
                        new NewNode(
                                NodeId.numeric(0, 85),
                                NodeId.numeric(0, 35),
                                null,
                                new QualifiedName(2, "x"),
                                nodeClass,
                                null,
                                given,
                                given.keySet()),
                        value,
                        new NamespaceTable())
                .structure();
        return (NodeAttributes) structure;
    }
}
