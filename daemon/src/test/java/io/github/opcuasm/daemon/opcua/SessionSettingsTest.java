package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SessionSettingsTest {
    /** The session is shared: neither a hasty nor a patient first caller decides how long a recovery's step may take. */
    @ParameterizedTest
    @CsvSource({"50, 1000", "999, 1000", "1000, 1000", "3000, 3000", "5000, 5000", "5001, 5000", "600000, 5000"})
    void stepsOfARecoveryTakeBetweenOneAndFiveSeconds(long callTimeoutMs, long expectedMs) {
        EndpointUrl endpoint = EndpointUrl.parse("opc.tcp://127.0.0.1:4840");
        Duration sessionTimeout = Duration.ofSeconds(60);

        SessionSettings recovery = new SessionSettings(
                        endpoint,
                        "session",
                        "application",
                        sessionTimeout,
                        Duration.ofMillis(callTimeoutMs),
                        AddressFilter.ALL,
                        TestSecurity.PLAIN)
                .forRecovery();

        assertThat(recovery)
                .isEqualTo(new SessionSettings(
                        endpoint,
                        "session",
                        "application",
                        sessionTimeout,
                        Duration.ofMillis(expectedMs),
                        AddressFilter.ALL,
                        TestSecurity.PLAIN));
    }
}
