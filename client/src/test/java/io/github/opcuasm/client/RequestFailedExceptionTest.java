package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RequestFailedExceptionTest {
    private static RequestFailedException failure(String type) {
        return RequestFailedException.of(
                new RequestFailedException.Failure(type, "why", 0x80340000L, Outcome.UNKNOWN, 250L));
    }

    @ParameterizedTest
    @EnumSource
    void eachErrorTypeHasAnExceptionOfItsName(ErrorType type) {
        RequestFailedException failure = failure(type.wireName());

        String asOnTheWire = type.wireName().replace("_", "").replaceFirst("Exception$", "");
        assertThat(failure.getClass()).isNotEqualTo(RequestFailedException.class);
        if (type != ErrorType.INVALID_PATH && type != ErrorType.INTERNAL_ERROR) {
            assertThat(failure.getClass().getSimpleName()).isEqualToIgnoringCase(asOnTheWire);
        }
        assertThat(failure.type()).isEqualTo(type.wireName());
        assertThat(failure.errorType()).contains(type);
        assertThat(failure.statusCode()).contains(0x80340000L);
        assertThat(failure.status().orElseThrow().name()).isEqualTo("Bad_NodeIdUnknown");
        assertThat(failure.outcome()).contains(Outcome.UNKNOWN);
        assertThat(failure).hasMessage("why");
    }

    @Test
    void noTwoTypesShareAClass() {
        long classes = Arrays.stream(ErrorType.values())
                .map(type -> failure(type.wireName()).getClass())
                .collect(Collectors.toSet())
                .size();

        assertThat(classes).isEqualTo(ErrorType.values().length);
    }

    @Test
    void anUnknownTypeIsAFailureWithNothingSpecialAboutIt() {
        RequestFailedException failure = failure("of_tomorrow");

        assertThat(failure.getClass()).isEqualTo(RequestFailedException.class);
        assertThat(failure.errorType()).isEmpty();
        assertThat(failure.type()).isEqualTo("of_tomorrow");
    }

    @Test
    void aServiceThatIsMissingIsAServiceThatFailed() {
        assertThat(failure("ServiceUnsupportedException")).isInstanceOf(RequestFailedException.Service.class);
    }

    @Test
    void tooOftenSaysWhenToComeBack() {
        assertThat(((RequestFailedException.RateLimited) failure("rate_limited")).retryAfter())
                .contains(Duration.ofMillis(250));
    }

    @Test
    void theSameFailureForAnotherCallerIsOfTheSameClass() {
        RequestFailedException failure = failure("access_denied");

        assertThat(failure.again()).isNotSameAs(failure).hasSameClassAs(failure).hasMessage("why");
    }
}
