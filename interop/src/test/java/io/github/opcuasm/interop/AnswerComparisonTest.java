package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link ConformanceIT} would not forgive; if this did not hold, that test would prove nothing. */
class AnswerComparisonTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1}         | {"a":1.0}
            {"a":1.5}       | {"a":1.25}
            {"a":1}         | {"a":"1"}
            {"a":1}         | {"a":true}
            {"a":null}      | {}
            {}              | {"a":null}
            {"a":[]}        | {"a":{}}
            {"a":[1]}       | {"a":[1,1]}
            {"a":[1,2]}     | {"a":[2,1]}
            {"a":[{"b":1}]} | {"a":[{"b":1,"c":2}]}
            0.1             | 0.10000000149011612
            9007199254740993| 9007199254740992
            18446744073709551615 | -1
            """)
    void findsADifference(String expected, String actual) throws JsonProcessingException {
        assertThat(AnswerComparison.mismatches(JsonLines.parse(expected), JsonLines.parse(actual)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1,"b":[2]} | {"b":[2],"a":1}
            1.50            | 1.5
            5e-324          | 4.9E-324
            18446744073709551615 | 18446744073709551615
            """)
    void takesWhatIsTheSame(String expected, String actual) throws JsonProcessingException {
        assertThat(AnswerComparison.mismatches(JsonLines.parse(expected), JsonLines.parse(actual)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2024-01-02T03:04:05.678000+00:00, true",
        "2024-01-02T03:04:05+00:00, false",
        "2024-01-02T03:04:05.678Z, false",
        "2024-01-02T03:04:06.000000+00:00, false"
    })
    void aTimeHasSixDigits(String text, boolean isTaken) {
        assertThat(AnswerComparison.mismatches(
                        Wildcard.timeIn("2024-01-02T03:04:05"), JsonNodeFactory.instance.textNode(text)))
                .hasSize(isTaken ? 0 : 1);
    }

    @Test
    void anOptionalMemberMayBeAbsentButNotWrong() throws JsonProcessingException {
        var expected = JsonNodeFactory.instance.objectNode();
        expected.set("a", Wildcard.optional("an integer", node -> node.isIntegralNumber()));

        assertThat(AnswerComparison.mismatches(expected, JsonLines.parse("{}"))).isEmpty();
        assertThat(AnswerComparison.mismatches(expected, JsonLines.parse("{\"a\":1}")))
                .isEmpty();
        assertThat(AnswerComparison.mismatches(expected, JsonLines.parse("{\"a\":\"1\"}")))
                .hasSize(1);
    }
}
