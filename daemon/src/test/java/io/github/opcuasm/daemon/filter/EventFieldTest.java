package io.github.opcuasm.daemon.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventFieldTest {
    @Test
    void namesStandInNamespace0UnlessAnIndexIsGiven() {
        assertThat(parse("Severity")).isEqualTo(EventField.standard("Severity"));
        assertThat(parse("2:Batch/State:x/0:Id"))
                .isEqualTo(new EventField(
                        null,
                        List.of(
                                new QualifiedName(2, "Batch"),
                                new QualifiedName(0, "State:x"),
                                new QualifiedName(0, "Id")),
                        13));
    }

    @Test
    void nameMayHaveAnySignsBetweenDoubleQuotes() {
        EventField field = parse("2:\"a/b \"\"c\"\"\"/Line 1");

        assertThat(field.path()).containsExactly(new QualifiedName(2, "a/b \"c\""), new QualifiedName(0, "Line 1"));
        assertThat(parse(field.text())).isEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource({
        "AlarmConditionType::ActiveState/Id, i=2915",
        "i=2915::ActiveState/Id, i=2915",
        "ns=2;s=My Type::ActiveState/Id, ns=2;s=My Type",
        "nsu=http://example.org/;i=5::ActiveState/Id, nsu=http://example.org/;i=5"
    })
    void typeThatDefinesTheFieldStandsBeforeIt(String text, String type) {
        EventField field = parse(text);

        assertThat(field.type()).isEqualTo(new EventType.Known(NodeReference.parse(type)));
        assertThat(field.path()).extracting(QualifiedName::name).containsExactly("ActiveState", "Id");
    }

    @Test
    void typeThatTheSpecificationDoesNotHaveIsLookedForLater() {
        assertThat(parse("2:MyAlarmType::2:Batch").type())
                .isEqualTo(new EventType.Named(new QualifiedName(2, "MyAlarmType")));
    }

    @Test
    void attributeStandsBehindTheField() {
        SimpleAttributeOperand ofField = parse("ActiveState@displayname").operand(new NamespaceTable());
        SimpleAttributeOperand ofEvent = parse("ConditionType::@NodeId").operand(new NamespaceTable());

        assertThat(ofField.getAttributeId().intValue()).isEqualTo(4);
        assertThat(ofField.getBrowsePath()).hasSize(1);
        assertThat(ofEvent.getTypeDefinitionId()).isEqualTo(NodeIds.ConditionType);
        assertThat(ofEvent.getBrowsePath()).isEmpty();
        assertThat(ofEvent.getAttributeId().intValue()).isEqualTo(1);
    }

    // Part 9, 5.5.2: the NodeId attribute of the condition, by an empty path on ConditionType.
    @Test
    void conditionIdIsTheConditionsNodeId() {
        SimpleAttributeOperand operand = EventField.standard("ConditionId").operand(new NamespaceTable());

        assertThat(operand).isEqualTo(parse("ConditionType::@NodeId").operand(new NamespaceTable()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "A/",
                "/A",
                "A//B",
                "2:",
                "65536:A",
                "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q",
                "::A",
                "AlarmConditionType::",
                "i=2915",
                "i=x::A",
                "A@",
                "A@Valeu",
                "\"A",
                "\"\"",
                "\"A\"B"
            })
    void otherTextIsNone(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("field: got ")
                .hasMessageContaining(" at character ");
    }

    @Test
    void misspeltAttributeIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> parse("A@DisplayNam"))
                .hasMessage(
                        "field: got \"DisplayNam\" at character 3, expected the name of an attribute, such as NodeId;"
                                + " did you mean DisplayName?");
    }

    private static EventField parse(String text) {
        return EventField.parse(text, "field");
    }
}
