package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.junit.jupiter.api.Test;

final class RequestQueueTest {
    private final RequestQueue queue = new RequestQueue(6);

    @Test
    void connectionsTakeTurns() {
        PendingRequest<?> a1 = offered(1);
        PendingRequest<?> a2 = offered(1);
        PendingRequest<?> a3 = offered(1);
        PendingRequest<?> b1 = offered(2);
        PendingRequest<?> c1 = offered(3);
        PendingRequest<?> c2 = offered(3);

        List<PendingRequest<?>> order = drained();

        assertThat(order).containsExactly(a1, b1, c1, a2, c2, a3);
    }

    @Test
    void newcomerWaitsForOneTurnOnly() {
        PendingRequest<?> a1 = offered(1);
        PendingRequest<?> a2 = offered(1);
        PendingRequest<?> a3 = offered(1);
        assertThat(queue.poll()).isSameAs(a1);

        PendingRequest<?> b1 = offered(2);

        assertThat(drained()).containsExactly(a2, b1, a3);
    }

    @Test
    void takesNoMoreThanItsCapacity() {
        for (int i = 0; i < 6; i++) {
            offered(i % 2);
        }

        assertThat(queue.offer(request(7))).isFalse();
        assertThat(queue.size()).isEqualTo(6);
        queue.poll();
        assertThat(queue.offer(request(7))).isTrue();
    }

    @Test
    void whatIsPutBackComesFirstInItsLineEvenIfTheQueueIsFull() {
        PendingRequest<?> a1 = offered(1);
        PendingRequest<?> a2 = offered(1);
        assertThat(queue.poll()).isSameAs(a1);
        for (int i = 0; i < 5; i++) {
            offered(2);
        }

        queue.putBack(a1);

        assertThat(queue.size()).isEqualTo(7);
        assertThat(queue.poll()).isSameAs(a1);
        queue.poll();
        assertThat(queue.poll()).isSameAs(a2);
    }

    @Test
    void removedRequestIsNotServedAndItsPlaceIsFree() {
        PendingRequest<?> a1 = offered(1);
        PendingRequest<?> a2 = offered(1);
        PendingRequest<?> b1 = offered(2);

        queue.remove(a1);
        queue.remove(b1);
        queue.remove(b1);
        queue.remove(request(9));

        assertThat(queue.size()).isEqualTo(1);
        assertThat(drained()).containsExactly(a2);
        assertThat(queue.size()).isZero();
    }

    @Test
    void picksByCondition() {
        PendingRequest<?> a1 = offered(1);
        PendingRequest<?> b1 = offered(2);
        PendingRequest<?> a2 = offered(1);
        PendingRequest<?> c1 = offered(3);

        List<PendingRequest<?>> removed =
                queue.removeIf(request -> request.call().connectionId() != 1);

        assertThat(removed).containsExactlyInAnyOrder(b1, c1);
        assertThat(drained()).containsExactly(a1, a2);
    }

    private PendingRequest<?> offered(long connectionId) {
        PendingRequest<?> request = request(connectionId);
        assertThat(queue.offer(request)).isTrue();
        return request;
    }

    private List<PendingRequest<?>> drained() {
        List<PendingRequest<?>> order = new ArrayList<>();
        for (PendingRequest<?> next = queue.poll(); next != null; next = queue.poll()) {
            order.add(next);
        }
        return order;
    }

    private static PendingRequest<?> request(long connectionId) {
        return new PendingRequest<>(new ServiceCall<>(
                ReadResponse.class,
                header -> new ReadRequest(header, 0.0, null, null),
                null,
                Long.MAX_VALUE,
                connectionId,
                0));
    }
}
