package io.github.opcuasm.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventFieldTest {
    @Test
    void namesStandInNamespace0UnlessAnIndexIsGiven() {
        assertThat(EventField.parse("Severity")).isEqualTo(EventField.standard("Severity"));
        assertThat(EventField.parse("2:Batch/State:x/0:Id"))
                .isEqualTo(new EventField(List.of(
                        new QualifiedName(2, "Batch"), new QualifiedName(0, "State:x"), new QualifiedName(0, "Id"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "A/", "/A", "A//B", "2:", "65536:A", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"})
    void otherTextIsNone(String text) {
        assertThat(EventField.parse(text)).isNull();
    }

    // Part 9, 5.5.2: the NodeId attribute of the condition, by an empty path on ConditionType.
    @Test
    void conditionIdIsTheConditionsNodeId() {
        SimpleAttributeOperand operand = EventField.standard("ConditionId").operand();

        assertThat(operand.getTypeDefinitionId()).isEqualTo(NodeIds.ConditionType);
        assertThat(operand.getBrowsePath()).isEmpty();
        assertThat(operand.getAttributeId().intValue()).isEqualTo(1);
    }
}
