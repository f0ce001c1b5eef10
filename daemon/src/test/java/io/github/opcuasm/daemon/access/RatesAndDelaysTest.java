package io.github.opcuasm.daemon.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.daemon.policy.AddressRules;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured and counted about principals, on a clock that the test moves. */
final class RatesAndDelaysTest {
    private final ManualTicker ticker = new ManualTicker();

    @Test
    void asManyPassAsTheRateSaysAndThenAtItsPace() {
        RateLimits limits = new RateLimits(ticker);
        Principal principal = principal("a", Map.of("requests", "5/s"));

        for (int i = 0; i < 5; i++) {
            assertThat(charge(limits, principal, false)).isNull();
        }
        CommandException refused = Objects.requireNonNull(charge(limits, principal, false));
        assertThat(refused.type()).isEqualTo(ErrorType.RATE_LIMITED);
        assertThat(refused.retryAfterMs()).isEqualTo(200);
        assertThat(refused).hasMessageContaining("requests 5/s of rule r");

        ticker.advance(Duration.ofMillis(199));
        assertThat(charge(limits, principal, false)).isNotNull();
        ticker.advance(Duration.ofMillis(1));
        assertThat(charge(limits, principal, false)).isNull();
        assertThat(charge(limits, principal, false)).isNotNull();
        ticker.advance(Duration.ofHours(1));
        for (int i = 0; i < 5; i++) {
            assertThat(charge(limits, principal, false)).isNull();
        }
        assertThat(charge(limits, principal, false)).isNotNull();
    }

    @Test
    void aRefusedWriteCostsNothingElse() {
        RateLimits limits = new RateLimits(ticker);
        Principal principal = principal("a", Map.of("requests", "2/s", "writes", "1/min"));

        assertThat(charge(limits, principal, true)).isNull();
        assertThat(charge(limits, principal, true)).isNotNull();

        assertThat(charge(limits, principal, false)).isNull();
        assertThat(charge(limits, principal, false)).isNotNull();
    }

    @Test
    void eachPrincipalHasItsOwnRate() {
        RateLimits limits = new RateLimits(ticker);

        assertThat(charge(limits, principal("a", Map.of("requests", "1/h")), false))
                .isNull();
        assertThat(charge(limits, principal("a", Map.of("requests", "1/h")), false))
                .isNotNull();

        assertThat(charge(limits, principal("b", Map.of("requests", "1/h")), false))
                .isNull();
    }

    @Test
    void eachWrongTokenWaitsLongerUpToFiveSecondsAndTheCountDecays() {
        FailedAttempts attempts = new FailedAttempts(ticker, 1_000);

        assertThat(attempts.failed("user:a", 1, true)).isZero();
        assertThat(attempts.failed("user:a", 2, true)).isEqualTo(Duration.ofMillis(100));
        assertThat(attempts.failed("user:a", 3, true)).isEqualTo(Duration.ofMillis(200));
        for (int i = 0; i < 100; i++) {
            attempts.failed("user:a", 4, true);
        }
        assertThat(attempts.failed("user:a", 5, true)).isEqualTo(Duration.ofSeconds(5));
        assertThat(attempts.failed("user:b", 6, true)).isZero();

        ticker.advance(Duration.ofSeconds(125));
        assertThat(attempts.failed("user:a", 7, true)).isEqualTo(Duration.ofMillis(2_500));
        ticker.advance(Duration.ofHours(1));
        assertThat(attempts.failed("user:a", 8, true)).isZero();
    }

    @Test
    void whoShowsNoTokenGuessesNothing() {
        FailedAttempts attempts = new FailedAttempts(ticker, 1_000);

        for (int i = 0; i < 50; i++) {
            assertThat(attempts.failed("TCP", i, false)).isZero();
        }

        assertThat(attempts.failed("TCP", 51, true)).isZero();
    }

    @Test
    void onlySoManyAnswersWaitAtATime() {
        FailedAttempts attempts = new FailedAttempts(ticker, 8);
        attempts.failed("TCP", 1, true);

        assertThat(attempts.failed("TCP", 2, true)).isPositive();
        assertThat(attempts.failed("TCP", 3, true)).isPositive();
        assertThat(attempts.failed("TCP", 4, true)).isZero();
        for (String user : List.of("user:a", "user:b", "user:c")) {
            attempts.failed(user, 5, true);
            assertThat(attempts.failed(user, 6, true)).isPositive();
            assertThat(attempts.failed(user, 7, true)).isPositive();
        }
        attempts.failed("user:d", 8, true);
        assertThat(attempts.failed("user:d", 9, true)).isZero();
        attempts.answered("TCP");
        assertThat(attempts.failed("TCP", 10, true)).isPositive();
    }

    @Test
    void groupsAreThoseOfBothFiles(@TempDir Path directory) throws Exception {
        Path passwd = Files.writeString(directory.resolve("passwd"), "hmi:x:100:7::/:/bin/sh\nodd\nx:x:1:99::/:/\n");
        Path group = Files.writeString(directory.resolve("group"), "staff:x:7:\noperators:x:8:hmi,other\n#\n");

        UserGroups groups = UserGroups.read(passwd, group);

        assertThat(groups.of("hmi")).containsExactlyInAnyOrder("staff", "operators");
        assertThat(groups.of("other")).containsExactly("operators");
        assertThat(groups.of("x")).isEmpty();
        assertThat(UserGroups.read(directory.resolve("none"), directory.resolve("none"))
                        .of("hmi"))
                .isEmpty();
    }

    private static @Nullable CommandException charge(RateLimits limits, Principal principal, boolean changes) {
        return catchThrowableOfType(CommandException.class, () -> limits.charge(principal, changes, false));
    }

    private static Principal principal(String user, Map<String, String> rate) {
        Grant grant = Grant.of(List.of("read", "write"), List.of("*"), List.of("*"), rate);
        return new Principal(
                Principal.Kind.USER,
                user,
                new LocalPeer(user, null, false),
                List.of(new AppliedGrant("rule r", grant)),
                false,
                new AddressJudge(AddressRules.DEFAULT));
    }
}
