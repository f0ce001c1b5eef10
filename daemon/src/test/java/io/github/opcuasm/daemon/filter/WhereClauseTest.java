package io.github.opcuasm.daemon.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WhereClauseTest {

    /** What binds how, by where the parentheses are not needed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "Severity>=500 AND Retain ~ Severity >= 500 and Retain",
                "(a = 1 or b = 2) and c = 3 ~ (a = 1 or b = 2) and c = 3",
                "(a = 1) or (b = 2 and (c = 3)) ~ a = 1 or b = 2 and c = 3",
                "(a = 1 or b = 2) or c = 3 ~ (a = 1 or b = 2) or c = 3",
                "not (a = 1) and b ~ not a = 1 and b",
                "not (a = 1 and b) ~ not (a = 1 and b)",
                "a != 1 ~ not a = 1",
                "a <> 1 ~ not a = 1",
                "a == 1 ~ a = 1",
                "(Severity) > (5) ~ Severity > 5",
                "a is not null ~ not a is null",
                "a not in (1,2 , 3) ~ not a in (1, 2, 3)",
                "a not like 'x%' ~ not a like 'x%'",
                "a between 1 and 2 and b between 3 and 4 ~ a between 1 and 2 and b between 3 and 4",
                "a & 4 = 4 ~ a & 4 = 4",
                "a & (4 | b) > 0 ~ a & (4 | b) > 0",
                "(a & 4) | b > 0 ~ a & 4 | b > 0",
                "(a = b) = true ~ (a = b) = true",
                "oftype(alarm) ~ ofType(alarm)",
                "ofType(AlarmConditionType) ~ ofType(i=2915)",
                "ofType(NodeId('ns=2;s=My Type')) ~ ofType(NodeId('ns=2;s=My Type'))",
                "cast(a as double) > 1.5 ~ cast(a as Double) > 1.5",
                "cast(a as ns=2;i=7) is null ~ cast(a as ns=2;i=7) is null",
                "AlarmConditionType::ActiveState/Id ~ i=2915::ActiveState/Id",
                "2:\"Line 1\"/\"and\"/\"in\"@NodeId is null ~ 2:\"Line 1\"/\"and\"/\"in\"@NodeId is null",
                "SourceNode = ns=2;s=Pump ~ SourceNode = ns=2;s=Pump",
                "a = 'it''s' ~ a = 'it''s'",
                "a = uint16(500) ~ a = UInt16(500)",
                "a = 0x1F ~ a = 0x1F",
                "ConditionType::@NodeId in (i=1, nsu=http://example.org/;s=x) ~ i=2782::@NodeId in (i=1, nsu=http://example.org/;s=x)",
            })
    void isWrittenWithTheParenthesesThatItNeeds(String text, String written) {
        WhereClause where = parse(text);

        assertThat(where.toString()).isEqualTo(written);
        assertThat(parse(written)).isEqualTo(where);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | the end at character 1 | a field, a literal",
                "Severity >= | the end at character 12 | a field, a literal",
                "Severity >= 500 adn Retain | \"adn Retain\" at character 17 | an operator such as \"and\", or the end",
                "Severity >= 500 and (Retain | the end at character 28 | an operator or \")\"",
                "500 | \"500\" at character 1 | a condition",
                "Severity & 4 | \"Severity & 4\" at character 1 | a condition",
                "Retain and 'x' | \"'x'\" at character 12 | a condition",
                "a between 1 or 2 | \"or 2\" at character 13 | \"and\" and the upper bound",
                "a in 1 | \"1\" at character 6 | \"(\" and a list",
                "a in () | \")\" at character 7 | a field, a literal",
                "a like 5 | \"5\" at character 8 | a pattern",
                "a is 5 | \"5\" at character 6 | \"null\" or \"not null\"",
                "a not = 5 | \"= 5\" at character 7 | \"between\", \"in\" or \"like\"",
                "a = 'x | \"'x\" at character 5 | a single quote",
                "a = 5x | \"5x\" at character 5 | a number",
                "a = ? | \"?\" at character 5 | a field, a literal, an operator",
                "in = 5 | \"in = 5\" at character 1 | in double quotes",
                "ofTyp(X) | \"ofTyp(X)\" at character 1 | ofType(…)",
                "ofType(X/Y) | \"X/Y)\" at character 8 | an event type",
                "ofType('NodeId'('i=5')) | \"'NodeId'('i=5'))\" at character 8 | an event type",
                "cast(a, Double) = 1 | \", Double) = 1\" at character 7 | \"as\" and a data type",
                "cast(a as Duble) = 1 | \"Duble) = 1\" at character 11 | a built-in type",
                "UInt16(70000) = a | \"70000) = a\" at character 8 | a whole number in the range of UInt16",
                "UInt16(b) = a | \"b) = a\" at character 8 | a literal",
                "a = 1e999 | \"1e999\" at character 5 | in the range of Double",
                "Time > 'yesterday' | \"'yesterday'\" at character 8 | a date and time with an offset",
                "SourceNode = 'Pump' | \"'Pump'\" at character 14 | a NodeId such as",
                "EventId = 'no base64!' | \"'no base64!'\" at character 11 | base64",
                "a & 1.5 = 1 | \"1.5 = 1\" at character 5 | a whole number beside",
                "A@Valeu = 1 | \"Valeu = 1\" at character 3 | did you mean Value?",
                "70000:A = 1 | \"70000:A = 1\" at character 1 | a namespace index of at most 65535",
                "ns=x;i=1 = 1 | \";i=1 = 1\" at character 5 | a field, a literal",
            })
    void errorSaysWhereItIsAndWhatMayStandThere(String text, String got, String expected) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.type()).isEqualTo(ErrorType.INVALID_ARGUMENT))
                .hasMessageStartingWith("where: got ")
                .hasMessageContaining(got)
                .hasMessageContaining(expected);
    }

    @Test
    void whatIsNestedIsBounded() {
        String deep = "(".repeat(32) + "a" + ")".repeat(32);

        assertThat(parse(deep).toString()).isEqualTo("a");
        assertThatThrownBy(() -> parse("(" + deep + ")")).hasMessageContaining("at most 32 levels");
        assertThatThrownBy(() -> parse("not ".repeat(33) + "a")).hasMessageContaining("at most 32 levels");
    }

    @Test
    void operatorsAndCharactersAreBounded() {
        assertThat(parse("a" + " or a".repeat(256)).toString()).endsWith("or a");
        assertThatThrownBy(() -> parse("a" + " or a".repeat(257))).hasMessageContaining("at most 256 operators");
        assertThatThrownBy(() -> parse("a" + " ".repeat(20_000))).hasMessageContaining("at most 16384");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD800", "a = '\uD83D\uDE00", "\u0000", "a = \n\t?"})
    void messageIsOneLineOfText(String text) {
        assertThatThrownBy(() -> parse(text))
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()))
                        .hasSizeLessThan(500)
                        .doesNotContainPattern("\\p{Cntrl}"));
    }

    private static WhereClause parse(String text) {
        return WhereClause.parse(text, "where");
    }
}
