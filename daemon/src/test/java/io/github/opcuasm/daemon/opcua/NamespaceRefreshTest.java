package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class NamespaceRefreshTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);
    private final List<CompletableFuture<Boolean>> questions = new ArrayList<>();
    private final NamespaceRefresh refresh = new NamespaceRefresh(now::get, this::question);

    @Test
    void whoAsksMeanwhileSharesTheAnswer() throws Exception {
        CompletableFuture<Boolean> first = requireNonNull(refresh.ask());
        CompletableFuture<Boolean> second = refresh.ask();

        questions.get(0).complete(true);

        assertThat(questions).hasSize(1);
        assertThat(second).isSameAs(first);
        assertThat(resultOf(first)).isTrue();
    }

    @Test
    void serverIsLeftAloneForAWhileAfterAnAnswer() {
        refresh.ask();
        now.addAndGet(Duration.ofSeconds(60).toNanos());
        questions.get(0).complete(false);

        now.addAndGet(Duration.ofSeconds(5).toNanos() - 1);
        assertThat(refresh.ask()).isNull();

        now.addAndGet(1);
        assertThat(refresh.ask()).isNotNull();
        assertThat(questions).hasSize(2);
    }

    @Test
    void withoutAnAnswerItIsWorthToLookAgain() throws Exception {
        CompletableFuture<Boolean> asked = requireNonNull(refresh.ask());

        questions.get(0).completeExceptionally(new IllegalStateException("lost"));

        assertThat(resultOf(asked)).isTrue();
        assertThat(refresh.ask()).isNull();
    }

    private CompletableFuture<Boolean> question() {
        CompletableFuture<Boolean> question = new CompletableFuture<>();
        questions.add(question);
        return question;
    }
}
