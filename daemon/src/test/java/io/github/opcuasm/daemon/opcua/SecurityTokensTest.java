package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.junit.jupiter.api.Test;

/** Part 4, 5.5.2.1 and Part 6, 6.7.4. */
final class SecurityTokensTest {
    private static final long LIFETIME_MS = 1000;

    private final SecurityTokens tokens = new SecurityTokens();

    @Test
    void whatWeSendIsUnderTheNewestAtOnce() {
        tokens.install(token(1, 0));
        tokens.install(token(2, at(750)));

        assertThat(tokens.current().id()).isEqualTo(2);
    }

    @Test
    void theOneBeforeHoldsUntilTheServerHasUsedTheNewest() throws Exception {
        tokens.install(token(1, 0));
        tokens.install(token(2, at(750)));

        assertThat(tokens.accept(1, at(800)).id()).isEqualTo(1);
        tokens.used(tokens.accept(1, at(800)));
        assertThat(tokens.accept(1, at(800)).id()).isEqualTo(1);
        tokens.used(tokens.accept(2, at(800)));
        assertThatThrownBy(() -> tokens.accept(1, at(800))).isInstanceOf(UaException.class);
    }

    @Test
    void theOneBeforeHoldsAQuarterLongerThanItsLifetime() throws Exception {
        tokens.install(token(1, 0));
        tokens.install(token(2, at(750)));

        assertThat(tokens.accept(1, at(1249)).id()).isEqualTo(1);
        assertThatThrownBy(() -> tokens.accept(1, at(1250)))
                .isInstanceOf(UaException.class)
                .hasMessageContaining("expired");
    }

    @Test
    void onlyTheTwoNewestAreKnown() throws Exception {
        tokens.install(token(1, 0));
        tokens.install(token(2, at(10)));
        tokens.install(token(3, at(20)));

        assertThat(tokens.accept(2, at(30)).id()).isEqualTo(2);
        assertThatThrownBy(() -> tokens.accept(1, at(30))).hasMessageContaining("token 1");
    }

    // A ticker may count from anywhere, below zero too.
    @Test
    void timeMayBeginAnywhere() throws Exception {
        tokens.install(token(1, Long.MAX_VALUE - 1));

        assertThat(tokens.accept(1, Long.MIN_VALUE + at(100)).id()).isEqualTo(1);
        assertThat(tokens.current().nanosLeft(Long.MAX_VALUE - 1 + at(1000))).isZero();
    }

    private static SecurityToken token(long id, long requestedAt) {
        return new SecurityToken(id, requestedAt, LIFETIME_MS, ChunkKeys.NONE, ChunkKeys.NONE);
    }

    private static long at(long milliseconds) {
        return TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }
}
