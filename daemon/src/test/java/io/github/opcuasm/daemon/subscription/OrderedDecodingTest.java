package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.junit.jupiter.api.Test;

/** Messages stay in their order, whatever each of them waits for. */
final class OrderedDecodingTest {
    private static final ServerTypes KNOWN = ServerTypes.ofNamespaces(new NamespaceTable());
    private static final ServerTypes FOUND = ServerTypes.ofNamespaces(new NamespaceTable());

    private final OrderedDecoding decoding = new OrderedDecoding(Runnable::run, () -> KNOWN);
    private final List<String> done = new ArrayList<>();

    @Test
    void whatNeedsNothingIsDoneOnTheSpot() {
        add("a", CompletableFuture.completedFuture(FOUND));
        decoding.add(() -> done.add("b"));

        assertThat(done).containsExactly("a found", "b");
    }

    @Test
    void whatComesLaterWaitsForWhatCameBefore() {
        CompletableFuture<ServerTypes> first = new CompletableFuture<>();
        CompletableFuture<ServerTypes> third = new CompletableFuture<>();
        add("1", first);
        add("2", CompletableFuture.completedFuture(FOUND));
        add("3", third);
        decoding.add(() -> done.add("4"));
        assertThat(done).isEmpty();

        third.complete(FOUND);
        assertThat(done).isEmpty();
        first.complete(FOUND);

        assertThat(done).containsExactly("1 found", "2 found", "3 found", "4");
    }

    @Test
    void tooManyDoNotWaitAndGoOnWithWhatIsKnown() {
        CompletableFuture<ServerTypes> never = new CompletableFuture<>();
        for (int i = 0; i < OrderedDecoding.MAX_WAITING + 2; i++) {
            add(String.valueOf(i), never);
        }

        assertThat(done).containsExactly("0 known", "1 known");
    }

    @Test
    void tooManyBytesDoNotWaitButOneMessageDoesWhateverItsSize() {
        CompletableFuture<ServerTypes> never = new CompletableFuture<>();
        decoding.add(never, OrderedDecoding.MAX_BYTES + 1, types -> done.add("large"));
        assertThat(done).isEmpty();

        add("next", never);

        assertThat(done).containsExactly("large");
    }

    @Test
    void whatWaitsCanBeForgotten() {
        CompletableFuture<ServerTypes> types = new CompletableFuture<>();
        add("1", types);

        decoding.clear();
        types.complete(FOUND);
        add("2", CompletableFuture.completedFuture(FOUND));

        assertThat(done).containsExactly("2 found");
    }

    private void add(String name, CompletableFuture<ServerTypes> types) {
        decoding.add(types, 10, used -> done.add(name + (used == FOUND ? " found" : " known")));
    }
}
