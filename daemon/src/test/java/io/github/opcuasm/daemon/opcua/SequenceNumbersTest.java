package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.eclipse.milo.opcua.stack.core.UaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SequenceNumbersTest {
    private static final long WRAPS_ABOVE = 4_294_966_271L;

    @Test
    void ofWhatWeSendBeginWithOne() {
        SequenceNumbers sent = SequenceNumbers.sent();

        assertThat(sent.next()).isEqualTo(1);
        assertThat(sent.next()).isEqualTo(2);
    }

    @Test
    void aNumberThatWasNotUsedIsTheNext() {
        SequenceNumbers sent = SequenceNumbers.sent();
        sent.next();

        sent.putBack(sent.next());

        assertThat(sent.next()).isEqualTo(2);
    }

    // Part 6, 6.7.2.4: not before they are above 2^32 - 1 - 1024, and to below 1024.
    @Test
    void ofWhatWeSendBeginAnewBeforeTheyEnd() {
        SequenceNumbers sent = SequenceNumbers.sent();
        sent.putBack(WRAPS_ABOVE);

        assertThat(sent.next()).isEqualTo(WRAPS_ABOVE);
        assertThat(sent.next()).isEqualTo(WRAPS_ABOVE + 1);
        assertThat(sent.next()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1,2", "1000,1001", "4294966271,4294966272", "4294966271,0", "4294967295,1023", "4294967294,4294967295"
    })
    void followEachOther(long first, long second) throws Exception {
        SequenceNumbers received = SequenceNumbers.received();
        received.check(first);

        assertThatCode(() -> received.check(second)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,3", "2,1", "4294966270,1", "4294967295,1024", "4294967295,4294967295", "1000,0"})
    void mustNotBeLeftOutOrRepeated(long first, long second) throws Exception {
        SequenceNumbers received = SequenceNumbers.received();
        received.check(first);

        assertThatThrownBy(() -> received.check(second))
                .isInstanceOf(UaException.class)
                .hasMessageContaining("sequence number " + second);
    }
}
