package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventFieldsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Severity >= 500 and SourceName like 'Pump or Valve%'       | Severity,SourceName
            ofType(AlarmConditionType) or not Retain                   | Retain
            AlarmConditionType::ActiveState/Id = true                  | ActiveState
            2:Flags & 4 = 4 and SourceNode = ns=2;s=Pump               | 2:Flags,SourceNode
            cast(2:Level as Double) > 1.5 or UInt16(5) = Severity      | 2:Level,Severity
            Message = 'it''s' and Time between '2026' and '2027'       | Message,Time
            """)
    void fieldsOfAClauseAreFoundAmongItsOtherWords(String where, String fields) {
        assertThat(EventFields.ofClause(where)).isEqualTo(List.of(fields.split(",", -1)));
    }

    @ParameterizedTest
    @CsvSource({
        "Severity, Severity",
        "2:Batch/2:Line, 2:Batch",
        "AlarmConditionType::ActiveState/Id, ActiveState",
        "ActiveState@DisplayName, ActiveState"
    })
    void firstNameOfAFieldIsWhatAnEventTypeDeclares(String field, String first) {
        assertThat(EventFields.first(field)).isEqualTo(first);
    }
}
