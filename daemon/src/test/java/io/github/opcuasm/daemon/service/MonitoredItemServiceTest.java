package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static io.github.opcuasm.daemon.service.ServiceFixture.standard;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.MonitoredItemModifyResult;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.SetTriggeringResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.simulator.Simulator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // Set before each test.
final class MonitoredItemServiceTest {
    private static final Duration LONG = Duration.ofSeconds(100);
    private static final String CHANGING = "Dynamic/Sine";
    private static final String CONSTANT = "Scalars/Int32";
    private static final int DISABLED = 0;
    private static final int SAMPLING = 1;
    private static final int REPORTING = 2;

    private final ServiceFixture fixture = new ServiceFixture();
    private final SubscriptionRegistry registry = new SubscriptionRegistry(Ticker.SYSTEM, InstantSource.system());
    private final SubscriptionService subscriptions = new SubscriptionService(registry);
    private final MonitoredItemService items = new MonitoredItemService(registry);
    private SessionHandle handle;
    private long subscription;

    @BeforeEach
    void subscribe() throws Exception {
        handle = fixture.context("{}").handle();
        subscription = resultOf(subscriptions.create(
                        fixture.context(handle), new SubscriptionParameters(50, 10_000, 3, 0, true, 0)))
                .subscriptionId();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    // Part 4, 5.13.2: an unknown node is a status of its own item.
    @Test
    void badItemFailsAlone() throws Exception {
        List<MonitoredItemResult> results = create(
                item(node("Nowhere"), REPORTING, 1, null),
                item(node(CONSTANT), REPORTING, 2, null),
                item(
                        new NamespacedNodeId(
                                Simulator.NAMESPACE_URI, node(CONSTANT).identifier()),
                        REPORTING,
                        3,
                        null));

        assertThat(results.stream().map(result -> result.statusCode().value()))
                .containsExactly(StatusCodes.Bad_NodeIdUnknown, 0L, 0L);
        assertThat(results.get(1).monitoredItemId()).isPositive();
        assertThat(results.get(1).revisedQueueSize()).isEqualTo(10);
        List<Long> reported = clientHandlesUntil(2);
        assertThat(reported.contains(3L) ? reported : clientHandlesUntil(3)).contains(3L);
    }

    @Test
    void monitoringModeIsTakenLiterally() throws Exception {
        create(item(node(CHANGING), DISABLED, 1, null));
        create(item(node(CHANGING), SAMPLING, 2, null));
        create(item(node(CHANGING), REPORTING, 3, null));

        assertThat(clientHandles(5)).containsOnly(3L);
    }

    @Test
    void linkedItemIsReportedWithTheOneThatTriggersIt() throws Exception {
        long sampled = create(item(node(CHANGING), SAMPLING, 1, null)).get(0).monitoredItemId();
        long trigger = create(item(node(CHANGING), REPORTING, 2, null)).get(0).monitoredItemId();

        SetTriggeringResult linked = resultOf(items.setTriggering(
                fixture.context(handle), subscription, trigger, List.of(sampled, 99_999L), List.of()));
        List<Long> reported = clientHandlesUntil(1);
        SetTriggeringResult unlinked = resultOf(
                items.setTriggering(fixture.context(handle), subscription, trigger, List.of(), List.of(sampled)));

        assertThat(linked.addResults().get(0)).isEqualTo(StatusCode.GOOD);
        assertThat(linked.addResults().get(1).value()).isEqualTo(StatusCodes.Bad_MonitoredItemIdInvalid);
        assertThat(linked.removeResults()).isEmpty();
        assertThat(reported).contains(1L, 2L);
        assertThat(unlinked.removeResults()).containsExactly(StatusCode.GOOD);
    }

    /** What the change leaves out must not fall back to a default: readers know the client handle. */
    @Test
    void changedItemKeepsWhatTheChangeLeavesOut() throws Exception {
        long item = create(item(node(CHANGING), REPORTING, 42, null)).get(0).monitoredItemId();

        List<MonitoredItemModifyResult> results = resultOf(items.modify(
                fixture.context(handle),
                subscription,
                List.of(
                        new MonitoredItemChange(item, 100.0, null, null, null, null),
                        new MonitoredItemChange(99_999, 1.0, null, null, null, null))));

        assertThat(results.get(0)).isEqualTo(new MonitoredItemModifyResult(StatusCode.GOOD, 100.0, 10));
        assertThat(results.get(1).statusCode().value()).isEqualTo(StatusCodes.Bad_MonitoredItemIdInvalid);
        assertThat(clientHandles(4)).containsOnly(42L);
    }

    @Test
    void changedItemHasItsNewClientHandle() throws Exception {
        long item = create(item(node(CHANGING), REPORTING, 42, null)).get(0).monitoredItemId();

        resultOf(items.modify(
                fixture.context(handle),
                subscription,
                List.of(new MonitoredItemChange(item, null, 3L, 43L, false, null))));

        assertThat(clientHandlesUntil(43)).contains(43L);
    }

    @Test
    void deadbandHoldsBackSmallChanges() throws Exception {
        MonitoringFilter wide = new MonitoringFilter.DataChange(1, 1, 1e9);

        create(item(node(CHANGING), REPORTING, 1, wide), item(node(CHANGING), REPORTING, 2, null));

        // The first value is always reported, no other one is that far away.
        List<Long> reported = clientHandles(8);
        assertThat(reported.stream().filter(one -> one == 1)).hasSizeLessThanOrEqualTo(1);
        assertThat(reported.stream().filter(one -> one == 2)).hasSizeGreaterThan(3);
    }

    // Part 4, 7.22.2: a percent deadband needs an EURange.
    @Test
    void filterThatDoesNotFitTheNodeIsAStatus() throws Exception {
        MonitoringFilter percent = new MonitoringFilter.DataChange(1, 2, 10.0);

        StatusCode status = create(item(node("Scalars/String"), REPORTING, 1, percent))
                .get(0)
                .statusCode();

        assertThat(status.isBad()).isTrue();
    }

    @Test
    void deletedItemIsReportedNoMore() throws Exception {
        long first = create(item(node(CHANGING), REPORTING, 1, null)).get(0).monitoredItemId();
        create(item(node(CHANGING), REPORTING, 2, null));

        List<StatusCode> codes = resultOf(items.delete(fixture.context(handle), subscription, List.of(first, 99_999L)));

        assertThat(codes.stream().map(StatusCode::value)).containsExactly(0L, StatusCodes.Bad_MonitoredItemIdInvalid);
        // What was queued before may still come.
        clientHandles(1);
        assertThat(clientHandles(4)).containsOnly(2L);
    }

    @Test
    void eventItemsAreCreatedOnNotifiersOnly() throws Exception {
        MonitoredItem onServer =
                new MonitoredItem(standard(2253), 12, REPORTING, 1, 0.0, 100, true, MonitoringFilter.Event.DEFAULT);
        MonitoredItem onVariable = new MonitoredItem(node(CONSTANT), 12, REPORTING, 1, 0.0, 100, true, null);

        List<MonitoredItemResult> results = create(onServer, onVariable);

        assertThat(results.get(0).statusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(results.get(1).statusCode().isBad()).isTrue();
    }

    @Test
    void withoutItemsThereIsNothingToDo() throws Exception {
        List<Supplier<CompletableFuture<?>>> attempts = List.of(
                () -> items.create(fixture.context(handle), subscription, List.of()),
                () -> items.modify(fixture.context(handle), subscription, List.of()),
                () -> items.delete(fixture.context(handle), subscription, List.of()),
                () -> items.setTriggering(fixture.context(handle), subscription, 1, List.of(), List.of()));

        for (Supplier<CompletableFuture<?>> attempt : attempts) {
            CommandException failure =
                    failureOf(CompletableFuture.completedFuture(null).thenCompose(none -> attempt.get()));
            assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
            assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NothingToDo);
        }
    }

    private static MonitoredItem item(
            NodeReference nodeId, int monitoringMode, long clientHandle, @Nullable MonitoringFilter filter) {
        return new MonitoredItem(nodeId, 13, monitoringMode, clientHandle, 50.0, 10, true, filter);
    }

    private List<MonitoredItemResult> create(MonitoredItem... wanted) throws Exception {
        return resultOf(items.create(fixture.context(handle), subscription, List.of(wanted)));
    }

    /** The client handles that the next messages, keep-alives not counted, report. */
    private List<Long> clientHandles(int messages) throws Exception {
        List<Long> found = new ArrayList<>();
        for (int i = 0; i < messages; ) {
            List<Notification> notifications = publish();
            notifications.forEach(notification -> found.add(notification.clientHandle()));
            i += notifications.isEmpty() ? 0 : 1;
        }
        return found;
    }

    /** The client handles that are reported until this one is. */
    private List<Long> clientHandlesUntil(long awaited) throws Exception {
        List<Long> found = new ArrayList<>();
        while (!found.contains(awaited)) {
            publish().forEach(notification -> found.add(notification.clientHandle()));
        }
        return found;
    }

    private List<Notification> publish() throws Exception {
        return resultOf(subscriptions.publish(fixture.context(handle), List.of(), null, LONG))
                .notifications();
    }
}
