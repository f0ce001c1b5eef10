package io.github.opcuasm.daemon.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.enumerated.FilterOperator;
import org.eclipse.milo.opcua.stack.core.types.structured.ContentFilterElement;
import org.eclipse.milo.opcua.stack.core.types.structured.ElementOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.LiteralOperand;
import org.eclipse.milo.opcua.stack.core.types.structured.SimpleAttributeOperand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ContentFilterElementsTest {
    private static final EncodingContext CONTEXT = DefaultEncodingContext.INSTANCE;

    // Part 4, 7.7.1: the first element is the whole, and element operands refer to elements behind their own.
    @Test
    void wholeStandsFirstAndItsOperandsBehindIt() {
        ContentFilterElement[] elements =
                elements("Severity >= 500 and ofType(AlarmConditionType) and SourceName like 'Pump%'");

        assertThat(elements)
                .extracting(ContentFilterElement::getFilterOperator)
                .containsExactly(
                        FilterOperator.And,
                        FilterOperator.GreaterThanOrEqual,
                        FilterOperator.And,
                        FilterOperator.OfType,
                        FilterOperator.Like);
        assertThat(operands(elements[0])).containsExactly("#1", "#2");
        assertThat(operands(elements[1])).containsExactly("Severity", "UInt16 500");
        assertThat(operands(elements[2])).containsExactly("#3", "#4");
        assertThat(operands(elements[3])).containsExactly("NodeId i=2915");
        assertThat(operands(elements[4])).containsExactly("SourceName", "String Pump%");
    }

    @Test
    void longChainIsNotNestedDeeply() {
        ContentFilterElement[] elements = elements("a" + " or a".repeat(200));
        int[] depth = new int[elements.length];

        for (int i = 0; i < elements.length; i++) {
            for (String operand : operands(elements[i])) {
                if (operand.startsWith("#")) {
                    int other = Integer.parseInt(operand.substring(1));
                    assertThat(other).isGreaterThan(i);
                    depth[other] = depth[i] + 1;
                }
            }
        }

        assertThat(elements).hasSize(200);
        assertThat(Arrays.stream(depth).max().orElseThrow()).isLessThanOrEqualTo(8);
    }

    @Test
    void fieldAloneIsComparedWithTrue() {
        ContentFilterElement[] elements = elements("Retain");

        assertThat(elements).hasSize(1);
        assertThat(elements[0].getFilterOperator()).isEqualTo(FilterOperator.Equals);
        assertThat(operands(elements[0])).containsExactly("Retain", "Boolean true");
    }

    /** Servers convert what they compare, but not all do: a literal has the type of its field where that is known. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Severity > 500 | UInt16 500",
                "500 < Severity | UInt16 500",
                "AlarmConditionType::Severity > 500 | UInt16 500",
                "Severity > 70000 | Int32 70000",
                "Severity > -1.5 | Double -1.5",
                "Severity > Int32(500) | Int32 500",
                "2:Count > 500 | Int32 500",
                "2:Count > 5000000000 | Int64 5000000000",
                "2:Count > 18446744073709551615 | UInt64 18446744073709551615",
                "2:Level > 1.5 | Double 1.5",
                "2:Level > 0x10 | Int32 16",
                "cast(2:Level as Float) > 1 | Float 1.0",
                "Severity & 4 > 0 | UInt16 4",
                "Time >= '2026-01-02T03:04:05Z' | DateTime 2026-01-02T03:04:05Z",
                "Time between DateTime('2026-01-02T03:04:05+01:00') and Time | DateTime 2026-01-02T02:04:05Z",
                "SourceNode = 'ns=1;s=Pump' | NodeId ns=1;s=Pump",
                "SourceNode in (nsu=urn:test;s=Pump) | NodeId ns=1;s=Pump",
                "EventId = 'AQI=' | ByteString 0102",
                "ActiveState/Id = true | Boolean true",
                "Quality = 0x80000000 | StatusCode 0x80000000",
                "Message = 'x' | String x",
                "2:Id = Guid('00000000-0000-0000-0000-000000000001') | Guid 00000000-0000-0000-0000-000000000001",
                "Message = LocalizedText('x') | LocalizedText x",
                "2:Name = QualifiedName('2:x') | QualifiedName 2:x",
                "2:Text like '%_[0-9]' | String %_[0-9]",
            })
    void literalHasTheTypeOfItsField(String text, String literal) {
        assertThat(Arrays.stream(elements(text)).flatMap(element -> Arrays.stream(operands(element))))
                .contains(literal);
    }

    @Test
    void typesThatWereLookedForAreSentByTheirNodeIds() {
        WhereClause where = WhereClause.parse("ofType(1:Mine) and 1:Mine::1:Batch is null", "where");
        Map<QualifiedName, NodeReference> found =
                Map.of(new QualifiedName(1, "Mine"), NodeReference.parse("nsu=urn:test;i=7"));

        WhereClause known = where.withTypes(
                type -> new EventType.Known(Objects.requireNonNull(found.get(((EventType.Named) type).name()))));

        assertThat(known.toString()).isEqualTo("ofType(nsu=urn:test;i=7) and nsu=urn:test;i=7::1:Batch is null");
        assertThat(operands(elements(known)[1])).containsExactly("NodeId ns=1;i=7");
    }

    private static ContentFilterElement[] elements(String where) {
        return elements(WhereClause.parse(where, "where"));
    }

    private static ContentFilterElement[] elements(WhereClause where) {
        NamespaceTable namespaces = new NamespaceTable();
        namespaces.add("urn:test");
        return Objects.requireNonNull(where.encoded(CONTEXT, namespaces).getElements());
    }

    /** Each operand as it would come out at the server. */
    private static String[] operands(ContentFilterElement element) {
        return Arrays.stream(Objects.requireNonNull(element.getFilterOperands()))
                .map(operand -> text(operand.decode(CONTEXT)))
                .toArray(String[]::new);
    }

    private static String text(Object operand) {
        if (operand instanceof ElementOperand other) {
            return "#" + other.getIndex();
        }
        if (operand instanceof SimpleAttributeOperand field) {
            return String.join(
                    "/",
                    Arrays.stream(Objects.requireNonNull(field.getBrowsePath()))
                            .map(name -> TypeMapper.toWire(name).toString())
                            .toList());
        }
        Variant value = TypeMapper.toWire(
                ((LiteralOperand) operand).getValue(), ServerTypes.ofNamespaces(new NamespaceTable()));
        Object content = Objects.requireNonNull(value.value());
        return Objects.requireNonNull(value.type()).displayName() + " " + shown(content);
    }

    private static String shown(Object content) {
        if (content instanceof DateTime time) {
            return time.toInstant().toString();
        } else if (content instanceof LocalizedText text) {
            return String.valueOf(text.text());
        } else if (content instanceof StatusCode status) {
            return status.hex();
        }
        return content instanceof ByteString bytes ? bytes.toHex() : content.toString();
    }
}
