package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.SessionState;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.daemon.subscription.Acknowledgement;
import io.github.opcuasm.daemon.subscription.ReaderConnection;
import io.github.opcuasm.daemon.subscription.SubscriptionParameters;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.MonitoredItemResult;
import io.github.opcuasm.protocol.type.Notification;
import io.github.opcuasm.protocol.type.PublishResult;
import io.github.opcuasm.protocol.type.RepublishResult;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.SubscriptionResult;
import io.github.opcuasm.protocol.type.TransferResult;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubscriptionServiceTest {
    /** Longer than any test takes: what ends a wait of this length is a message or an error. */
    private static final Duration LONG = Duration.ofSeconds(100);

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String CHANGING = "Dynamic/Sine";
    private static final String CONSTANT = "Scalars/Int32";

    private final ServiceFixture fixture = new ServiceFixture();
    private final Simulator simulator = fixture.simulator;
    private final AtomicLong ahead = new AtomicLong();
    private final SubscriptionRegistry registry =
            new SubscriptionRegistry(() -> Ticker.SYSTEM.read() + ahead.get(), InstantSource.system());
    private final SubscriptionService subscriptions = new SubscriptionService(registry);
    private final MonitoredItemService items = new MonitoredItemService(registry);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void changesReachThePublisherUnderTheHandleOfTheirItem() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CONSTANT, 77);

        PublishResult message = next(handle);

        assertThat(message.subscriptionId()).isEqualTo(id);
        assertThat(message.sequenceNumber()).isEqualTo(1);
        assertThat(message.moreNotifications()).isFalse();
        assertThat(message.availableSequenceNumbers()).containsExactly(1L);
        assertThat(message.notifications()).singleElement().satisfies(notification -> {
            assertThat(notification.clientHandle()).isEqualTo(77);
            DataValue value = ((Notification.DataChange) notification).dataValue();
            assertThat(value.variant().value()).isEqualTo(-32);
            assertThat(value.sourceTimestamp()).isNotNull();
            assertThat(value.serverTimestamp()).isNotNull();
        });
    }

    @Test
    void withoutASubscriptionPublishFailsAtOnce() throws Exception {
        SessionHandle handle = handle("{}");

        CommandException failure = failureOf(publish(handle, LONG));

        assertServiceException(failure, StatusCodes.Bad_NoSubscription);
        assertThat(simulator.counters().received(Service.PUBLISH)).isZero();
    }

    @Test
    void whenNothingComesTheOldestSubscriptionAnswersAsAKeepAlive() throws Exception {
        SessionHandle handle = handle("{'opcuaTimeout':0.3}");
        long oldest = quiet(handle);
        long younger = quiet(handle);

        PublishResult byTimeout = resultOf(subscriptions.publish(fixture.context(handle), List.of(), null, null));
        PublishResult chosen =
                resultOf(subscriptions.publish(fixture.context(handle), List.of(), Set.of(younger), Duration.ZERO));

        assertThat(byTimeout).isEqualTo(new PublishResult(oldest, 1, false, List.of(), List.of()));
        assertThat(chosen).isEqualTo(new PublishResult(younger, 1, false, List.of(), List.of()));
    }

    @Test
    void keepAliveOfTheServerAnswersAPublisherThatWaits() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);

        PublishResult keepAlive = resultOf(publish(handle, LONG));

        assertThat(keepAlive).isEqualTo(new PublishResult(id, 1, false, List.of(), List.of()));
    }

    @Test
    void unacknowledgedMessagesCanBeHadAgain() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        PublishResult first = next(handle);
        PublishResult second = next(handle);

        RepublishResult again = resultOf(subscriptions.republish(fixture.context(handle), id, 1));

        assertThat(second.availableSequenceNumbers()).containsExactly(1L, 2L);
        assertThat(again.sequenceNumber()).isEqualTo(1);
        assertThat(again.publishTime()).isNotNull();
        assertThat(again.notifications()).isEqualTo(first.notifications());
        assertServiceException(
                failureOf(subscriptions.republish(fixture.context(handle), id, 9_999)),
                StatusCodes.Bad_MessageNotAvailable);
    }

    @Test
    void acknowledgedMessagesAreGone() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        next(handle);
        next(handle);

        PublishResult answer = resultOf(subscriptions.publish(
                fixture.context(handle),
                List.of(new Acknowledgement(id, 1), new Acknowledgement(12_345, 2)),
                null,
                Duration.ZERO));
        PublishResult third = answer.notifications().isEmpty() ? next(handle) : answer;
        PublishResult fourth = next(handle);

        assertThat(third.availableSequenceNumbers()).containsExactly(2L, 3L);
        assertThat(fourth.availableSequenceNumbers()).containsExactly(2L, 3L, 4L);
        assertServiceException(
                failureOf(subscriptions.republish(fixture.context(handle), id, 1)),
                StatusCodes.Bad_MessageNotAvailable);
    }

    @Test
    void handlesOnOneSessionSeeOnlyTheirOwn() throws Exception {
        SessionHandle one = handle("{'opcuaTimeout':20}");
        SessionHandle other = handle("{'opcuaTimeout':21}");
        assertThat(one.session()).isSameAs(other.session());
        long ones = subscribe(one);
        long others = subscribe(other);
        monitor(one, ones, CHANGING, 1);
        monitor(other, others, CHANGING, 2);

        CompletableFuture<List<PublishResult>> oneReads = publishRepeatedly(one, 10, true);
        CompletableFuture<List<PublishResult>> otherReads = publishRepeatedly(other, 10, true);

        assertMessages(resultOf(oneReads), ones, 1, 10);
        assertMessages(resultOf(otherReads), others, 2, 10);
    }

    @Test
    void subscriptionOfAnotherHandleIsAsUnknownAsOneThatDoesNotExist() throws Exception {
        SessionHandle one = handle("{'opcuaTimeout':20}");
        SessionHandle other = handle("{'opcuaTimeout':21}");
        long ones = subscribe(one);
        quiet(other);
        long item = monitor(one, ones, CONSTANT, 1);

        for (long id : List.of(ones, 4_000_000_000L)) {
            List<CompletableFuture<?>> attempts = List.of(
                    items.create(fixture.context(other), id, List.of(item(CONSTANT, 1))),
                    items.modify(
                            fixture.context(other),
                            id,
                            List.of(new MonitoredItemChange(item, 1.0, null, null, null, null))),
                    items.delete(fixture.context(other), id, List.of(item)),
                    items.setTriggering(fixture.context(other), id, item, List.of(item), List.of()),
                    subscriptions.republish(fixture.context(other), id, 1),
                    subscriptions.publish(fixture.context(other), List.of(), Set.of(id), LONG));
            for (CompletableFuture<?> attempt : attempts) {
                CommandException failure = failureOf(attempt);
                assertServiceException(failure, StatusCodes.Bad_SubscriptionIdInvalid);
                assertThat(failure.messageText())
                        .isEqualTo("There is no subscription " + id
                                + " of this session: Bad_SubscriptionIdInvalid (0x80280000)");
            }
            assertThat(resultOf(subscriptions.delete(fixture.context(other), id))
                            .value())
                    .isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
        }
        assertThat(simulator.counters().received(Service.DELETE_SUBSCRIPTIONS)).isZero();
        assertThat(next(one).subscriptionId()).isEqualTo(ones);
    }

    /** Not the other's acknowledgements either. */
    @Test
    void acknowledgementOfAnothersMessageIsIgnored() throws Exception {
        SessionHandle one = handle("{'opcuaTimeout':20}");
        SessionHandle other = handle("{'opcuaTimeout':21}");
        long ones = subscribe(one);
        quiet(other);
        monitor(one, ones, CHANGING, 1);
        next(one);

        resultOf(subscriptions.publish(
                fixture.context(other), List.of(new Acknowledgement(ones, 1)), null, Duration.ofMillis(300)));

        assertThat(next(one).availableSequenceNumbers()).contains(1L);
        assertThat(resultOf(subscriptions.republish(fixture.context(one), ones, 1))
                        .sequenceNumber())
                .isEqualTo(1);
    }

    @Test
    void messageThatComesWhileNobodyReadsWaitsForTheNextReader() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        next(handle);

        await().until(() -> waiting(handle) > 1);
        // Whatever is asked from now on is never carried out: only what has come can serve a reader.
        simulator.faults().hang(Service.PUBLISH);
        PublishResult kept = resultOf(publish(handle, LONG));

        assertThat(kept.sequenceNumber()).isEqualTo(2);
        assertThat(kept.notifications()).isNotEmpty();
        assertThat(kept.moreNotifications()).isTrue();
        assertThat(kept.availableSequenceNumbers()).containsExactly(1L, 2L);
    }

    @Test
    void readerWhosePeerIsGoneTakesNoMessage() throws Exception {
        SessionHandle handle = handle("{}");
        long id = quiet(handle);
        CallContext gone = fixture.context(handle);
        CompletableFuture<PublishResult> waiting = subscriptions.publish(gone, List.of(), Set.of(id), LONG);

        gone.abandon();
        CommandException failure = failureOf(waiting);
        long changing = subscribe(handle);
        monitor(handle, changing, CONSTANT, 1);

        assertThat(failure.type()).isEqualTo(ErrorType.CANCELLED);
        assertThat(next(handle).sequenceNumber()).isEqualTo(1);
    }

    @Test
    void publishersAtOnceGetEachMessageOnce() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);

        List<CompletableFuture<List<PublishResult>>> connections = IntStream.range(0, 4)
                .mapToObj(i -> publishRepeatedly(handle, 8, true))
                .toList();
        List<PublishResult> all = new ArrayList<>();
        for (CompletableFuture<List<PublishResult>> connection : connections) {
            all.addAll(resultOf(connection));
        }

        assertThat(all.stream().map(PublishResult::sequenceNumber))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 32).boxed().toList());
    }

    @Test
    void twoHundredWaitingPublishersAreServedInTheirOrderAndMissNoMessage() throws Exception {
        SessionHandle handle = handle("{}");
        long id = quiet(handle);
        List<CompletableFuture<PublishResult>> waiting =
                IntStream.range(0, 200).mapToObj(i -> publish(handle, LONG)).toList();
        long changing = subscribe(handle);
        monitor(handle, changing, CHANGING, 1);

        List<Long> messages = new ArrayList<>();
        for (CompletableFuture<PublishResult> publisher : waiting.subList(0, 20)) {
            PublishResult message = resultOf(publisher);
            assertThat(message.subscriptionId()).isEqualTo(changing).isNotEqualTo(id);
            if (!message.notifications().isEmpty()) {
                messages.add(message.sequenceNumber());
            }
        }

        assertThat(messages)
                .isNotEmpty()
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, messages.size()).boxed().toList());
    }

    /** A kept connection is a reader: what it was given and did not acknowledge is for the next one. */
    @Test
    void whatAKeptConnectionHadNotAcknowledgedWaitsAgainWhenItEnds() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        List<Runnable> atEnd = new CopyOnWriteArrayList<>();
        long given = 0;
        while (given < 2) {
            CallContext kept = fixture.context(handle);
            kept.keptOn(connection(17, atEnd));
            PublishResult message = resultOf(subscriptions.publish(kept, List.of(), null, LONG));
            given = message.notifications().isEmpty() ? given : message.sequenceNumber();
        }

        atEnd.forEach(Runnable::run);

        assertThat(next(handle).sequenceNumber()).isEqualTo(1);
        assertThat(next(handle).sequenceNumber()).isEqualTo(2);
        assertThat(next(handle).sequenceNumber()).isEqualTo(3);
    }

    /** The answer was on its way when its peer went away: nobody has read it. */
    @Test
    void messageWhoseAnswerCouldNotBeGivenIsForTheNextReader() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        await().until(() -> waiting(handle) > 1);
        CallContext gone = fixture.context(handle);
        PublishResult lost = resultOf(subscriptions.publish(gone, List.of(), null, LONG));

        gone.abandon();

        assertThat(next(handle)).isEqualTo(lost);
    }

    @Test
    void republishBringsWhatIsHereWithoutTheServer() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        PublishResult first = next(handle);

        RepublishResult again = resultOf(subscriptions.republish(fixture.context(handle), id, 1));

        assertThat(again.notifications()).isEqualTo(first.notifications());
        assertThat(simulator.counters().received(Service.REPUBLISH)).isZero();
    }

    /** Part 4, 5.14.1: its lifetime is how long it lasts when nobody wants it, here as on a server. */
    @Test
    void subscriptionThatNobodyAsksForItsMessagesIsDeletedAndTheNextReaderIsTold() throws Exception {
        SessionHandle handle = handle("{}");
        long id = resultOf(subscriptions.create(
                        fixture.context(handle), new SubscriptionParameters(50, 30, 10, 0, true, 0)))
                .subscriptionId();

        ahead.addAndGet(Duration.ofMinutes(1).toNanos());
        await().until(() -> simulator.counters().served(Service.DELETE_SUBSCRIPTIONS) == 1);

        CommandException told = failureOf(publish(handle, LONG));
        assertServiceException(told, StatusCodes.Bad_NoSubscription);
        assertThat(told).hasMessageContaining("subscription " + id + " is gone: nobody asked for its messages for ");
        assertThat(failureOf(publish(handle, LONG))).hasMessageContaining("This session has no subscription");
    }

    private static ReaderConnection connection(long id, List<Runnable> atEnd) {
        return new ReaderConnection() {
            @Override
            public long id() {
                return id;
            }

            @Override
            public void onEnd(Runnable action) {
                atEnd.add(action);
            }
        };
    }

    /** Messages that wait in the mailboxes of a handle, as {@code list} shows it. */
    private long waiting(SessionHandle handle) throws Exception {
        return resultOf(registry.standings(List.of(handle))).getOrDefault(handle.id(), List.of()).stream()
                .mapToLong(standing -> standing.holding().waiting())
                .sum();
    }

    @Test
    void endOfAHandleDeletesItsSubscriptionsAndNoOthers() throws Exception {
        SessionHandle ending = handle("{'opcuaTimeout':20}");
        SessionHandle staying = handle("{'opcuaTimeout':21}");
        quiet(ending);
        quiet(ending);
        long stays = subscribe(staying);
        monitor(staying, stays, CHANGING, 1);
        CompletableFuture<PublishResult> waiting = publish(ending, LONG);
        await().until(() -> simulator.counters().received(Service.PUBLISH) > 0);

        fixture.end(ending);

        assertThat(failureOf(waiting).type()).isEqualTo(ErrorType.CONNECTION);
        await().until(() -> simulator.counters().served(Service.DELETE_SUBSCRIPTIONS) == 1);
        assertThat(resultOf(publish(staying, LONG)).subscriptionId()).isEqualTo(stays);
        assertServiceException(failureOf(publish(ending, LONG)), StatusCodes.Bad_NoSubscription);
    }

    @Test
    void deletedSubscriptionIsUnknownAndWhoWaitsForItIsTold() throws Exception {
        SessionHandle handle = handle("{}");
        long id = quiet(handle);
        CompletableFuture<PublishResult> waiting = publish(handle, LONG);

        StatusCode first = resultOf(subscriptions.delete(fixture.context(handle), id));
        StatusCode second = resultOf(subscriptions.delete(fixture.context(handle), id));

        assertThat(first).isEqualTo(StatusCode.GOOD);
        assertThat(second.value()).isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
        assertServiceException(failureOf(waiting), StatusCodes.Bad_NoSubscription);
    }

    /** To the server both are one anonymous user, which may transfer what it likes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void subscriptionsOfAnotherPrincipalAreAsUnknownAsThoseOfNobody(boolean sessionOfItsOwn) throws Exception {
        SessionHandle alices = handleOf("alice", false);
        SessionHandle mallorys = handleOf("mallory", sessionOfItsOwn);
        CallContext mallory = fixture.context(mallorys, new Named("mallory"));
        long id = subscribe(alices);
        monitor(alices, id, CHANGING, 1);

        List<TransferResult> results = resultOf(subscriptions.transfer(mallory, List.of(id, id), true));

        assertThat(alices.session() == mallorys.session()).isNotEqualTo(sessionOfItsOwn);
        assertThat(results)
                .containsOnly(new TransferResult(new StatusCode(StatusCodes.Bad_SubscriptionIdInvalid), List.of()));
        assertThat(simulator.counters().received(Service.TRANSFER_SUBSCRIPTIONS))
                .isZero();
        assertThat(simulator.counters().received(Service.CALL)).isZero();
        assertThat(next(alices).subscriptionId()).isEqualTo(id);
        assertServiceException(failureOf(publish(mallorys, LONG)), StatusCodes.Bad_NoSubscription);
        assertThat(resultOf(subscriptions.delete(fixture.context(mallorys, new Named("mallory")), id))
                        .value())
                .isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
        assertServiceException(
                failureOf(subscriptions.republish(fixture.context(mallorys, new Named("mallory")), id, 1)),
                StatusCodes.Bad_SubscriptionIdInvalid);
    }

    @Test
    void subscriptionThatWasLostWithItsSessionStaysItsOwners() throws Exception {
        SessionHandle alices = handleOf("alice", true);
        SessionHandle mallorys = handleOf("mallory", true);
        long id = quiet(alices);
        fixture.end(alices);
        await().until(() -> simulator.counters().received(Service.DELETE_SUBSCRIPTIONS) > 0
                || !(alices.state() instanceof SessionState.Active));

        List<TransferResult> results =
                resultOf(subscriptions.transfer(fixture.context(mallorys, new Named("mallory")), List.of(id), false));

        assertThat(results.get(0).statusCode().value()).isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
        assertThat(simulator.counters().received(Service.TRANSFER_SUBSCRIPTIONS))
                .isZero();
    }

    @Test
    void principalTakesOverItsOwnFromAnotherSession() throws Exception {
        SessionHandle from = handleOf("alice", false);
        SessionHandle to = handleOf("alice", true);
        long id = quiet(from);

        List<TransferResult> results =
                resultOf(subscriptions.transfer(fixture.context(to, new Named("alice")), List.of(id), false));

        assertThat(results.get(0).statusCode()).isEqualTo(StatusCode.GOOD);
        assertServiceException(failureOf(publish(from, LONG)), StatusCodes.Bad_NoSubscription);
    }

    @Test
    void handleThatSharesTheSessionCanTakeASubscriptionOver() throws Exception {
        SessionHandle from = handle("{'opcuaTimeout':20}");
        SessionHandle to = handle("{'opcuaTimeout':21}");
        long id = subscribe(from);
        monitor(from, id, CHANGING, 1);
        next(from);

        List<TransferResult> results =
                resultOf(subscriptions.transfer(fixture.context(to), List.of(id, 4_000_000_000L), false));

        assertThat(results.get(0)).isEqualTo(new TransferResult(StatusCode.GOOD, List.of(1L)));
        assertThat(results.get(1).statusCode().value()).isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
        PublishResult message = next(to);
        assertThat(message.subscriptionId()).isEqualTo(id);
        assertThat(message.sequenceNumber()).isEqualTo(2);
        CommandException told = failureOf(publish(from, LONG));
        assertServiceException(told, StatusCodes.Bad_NoSubscription);
        assertThat(told).hasMessageContaining("subscription " + id + " is gone: another session took it over");
    }

    @Test
    void messagesThatWaitMoveWithTheSubscription() throws Exception {
        SessionHandle from = handle("{'opcuaTimeout':20}");
        SessionHandle to = handle("{'opcuaTimeout':21}");
        long id = subscribe(from);
        monitor(from, id, CONSTANT, 1);
        long received = simulator.counters().served(Service.PUBLISH);
        resultOf(publish(from, Duration.ZERO));
        await().until(() -> simulator.counters().served(Service.PUBLISH) > received);

        resultOf(subscriptions.transfer(fixture.context(to), List.of(id), false));

        assertThat(next(to).notifications()).hasSize(1);
    }

    @Test
    void initialValuesAreSentAgainOnRequest() throws Exception {
        SessionHandle from = handle("{'opcuaTimeout':20}");
        SessionHandle to = handle("{'opcuaTimeout':21}");
        long id = subscribe(from);
        monitor(from, id, CONSTANT, 1);
        assertThat(next(from).notifications()).hasSize(1);

        resultOf(subscriptions.transfer(fixture.context(to), List.of(id), true));

        await().until(() -> simulator.counters().received(Service.CALL) == 1);
    }

    /** What has changed its owner already must be told of, whatever becomes of the others. */
    @Test
    void failureToTransferFromElsewhereIsTheStatusOfThoseOnly() throws Exception {
        SessionHandle from = handle("{'opcuaTimeout':20}");
        SessionHandle to = handle("{'opcuaTimeout':21}");
        long id = quiet(from);
        simulator.faults().fail(Service.TRANSFER_SUBSCRIPTIONS, StatusCodes.Bad_ServiceUnsupported);

        List<TransferResult> results =
                resultOf(subscriptions.transfer(fixture.context(to), List.of(4_000_000_000L, id), false));
        CommandException nothingMoved =
                failureOf(subscriptions.transfer(fixture.context(to), List.of(4_000_000_000L), false));

        assertThat(results.get(0))
                .isEqualTo(new TransferResult(new StatusCode(StatusCodes.Bad_ServiceUnsupported), List.of()));
        assertThat(results.get(1)).isEqualTo(new TransferResult(StatusCode.GOOD, List.of()));
        assertThat(nothingMoved.type()).isEqualTo(ErrorType.SERVICE_UNSUPPORTED);
        assertThat(resultOf(subscriptions.publish(fixture.context(to), List.of(), null, Duration.ZERO))
                        .subscriptionId())
                .isEqualTo(id);
    }

    @Test
    void nothingToTransferIsAServiceException() throws Exception {
        SessionHandle handle = handle("{}");

        CommandException failure = failureOf(CompletableFuture.completedFuture(null)
                .thenCompose(none -> subscriptions.transfer(fixture.context(handle), List.of(), false)));

        assertServiceException(failure, StatusCodes.Bad_NothingToDo);
    }

    @Test
    void newSessionHasTheSubscriptionsOfTheOldOneUnderTheirIds() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        long item = monitor(handle, id, CHANGING, 1);
        next(handle);

        simulator.faults().forgetSessions();
        await().until(() -> simulator.counters().served(Service.CREATE_SUBSCRIPTION) == 2);
        long second = monitor(handle, id, CONSTANT, 2);
        List<StatusCode> deleted = resultOf(items.delete(fixture.context(handle), id, List.of(item)));

        assertThat(second).isNotEqualTo(item);
        assertThat(deleted).containsExactly(StatusCode.GOOD);
        PublishResult message = next(handle);
        while (message.notifications().get(0).clientHandle() != 2) {
            message = next(handle);
        }
        assertThat(message.subscriptionId()).isEqualTo(id);
    }

    @Test
    void whatIsAskedOfASubscriptionThatIsCreatedAnewWaitsForThat() throws Exception {
        SessionHandle handle = handle("{'opcuaTimeout':20}");
        long id = subscribe(handle);
        Fault hanging = simulator.faults().hang(Service.CREATE_SUBSCRIPTION);
        simulator.faults().dropSubscriptions();
        await().until(() -> hanging.held() == 1);

        CompletableFuture<List<MonitoredItemResult>> creating =
                items.create(fixture.context(handle), id, List.of(item(CONSTANT, 5)));
        hanging.close();

        assertThat(resultOf(creating).get(0).statusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(next(handle).notifications())
                .singleElement()
                .satisfies(
                        notification -> assertThat(notification.clientHandle()).isEqualTo(5));
    }

    @Test
    void sessionOnANewChannelKeepsItsSubscriptions() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CHANGING, 1);
        long last = next(handle).sequenceNumber();
        CompletableFuture<PublishResult> waiting = publish(handle, LONG);

        simulator.faults().dropConnections();

        assertThat(resultOf(waiting).subscriptionId()).isEqualTo(id);
        assertThat(next(handle).sequenceNumber()).isGreaterThan(last);
    }

    @Test
    void whileThereIsNoConnectionWaitingEndsAsAConnectionException() throws Exception {
        SessionHandle handle = handle("{}");
        quiet(handle);
        simulator.faults().refuseConnections();
        simulator.faults().dropConnections();
        await().until(() -> !(handle.state() instanceof SessionState.Active));

        CommandException failure = failureOf(publish(handle, SHORT));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
    }

    @Test
    void serverThatTakesNoMorePublishRequestsIsAskedAgainLater() throws Exception {
        SessionHandle handle = handle("{}");
        long id = subscribe(handle);
        monitor(handle, id, CONSTANT, 1);
        Fault refusing = simulator.faults().fail(Service.PUBLISH, StatusCodes.Bad_TooManyPublishRequests);
        CompletableFuture<PublishResult> waiting = publish(handle, LONG);
        await().until(() -> simulator.counters().received(Service.PUBLISH) > 0);

        refusing.close();

        assertThat(resultOf(waiting).subscriptionId()).isEqualTo(id);
    }

    @Test
    void refusedPublishRequestFailsThePublisherWithTheServersStatus() throws Exception {
        SessionHandle handle = handle("{}");
        simulator.faults().fail(Service.PUBLISH, StatusCodes.Bad_ServiceUnsupported);
        quiet(handle);

        CommandException failure = failureOf(publish(handle, LONG));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE_UNSUPPORTED);
    }

    /** Without a sign of life the creator will never use it: its peer is gone. */
    @Test
    void subscriptionWhoseCreatorIsGoneIsDeleted() throws Exception {
        SessionHandle handle = handle("{}");
        Fault withheld = simulator.faults().withholdAnswers(Service.CREATE_SUBSCRIPTION);
        CallContext gone = fixture.context(handle);
        CompletableFuture<SubscriptionResult> creating = subscriptions.create(gone, parameters(50));
        await().until(() -> withheld.held() == 1);
        gone.abandon();

        withheld.close();

        resultOf(creating);
        await().until(() -> simulator.counters().served(Service.DELETE_SUBSCRIPTIONS) == 1);
        assertServiceException(failureOf(publish(handle, LONG)), StatusCodes.Bad_NoSubscription);
    }

    /** A principal that may use its own handles only. */
    private record Named(String name) implements Caller {
        @Override
        public boolean mayUse(String owner) {
            return name.equals(owner);
        }

        @Override
        public AddressFilter addresses() {
            return AddressFilter.ALL;
        }
    }

    private SessionHandle handleOf(String principal, boolean sessionOfItsOwn) throws Exception {
        Caller caller = new Named(principal);
        String id = resultOf(fixture.registry.open(
                        EndpointUrl.parse(simulator.endpointUrl()),
                        SessionConfig.parse(ServiceFixture.json("{}")),
                        sessionOfItsOwn,
                        caller))
                .sessionId();
        return fixture.registry.use(id, caller);
    }

    private SessionHandle handle(String config) throws Exception {
        return fixture.context(config).handle();
    }

    private static SubscriptionParameters parameters(double publishingInterval) {
        return new SubscriptionParameters(publishingInterval, 10_000, 1_000, 0, true, 0);
    }

    /** A subscription that tells changes each 50 ms, and of itself at its beginning (Part 4, 5.14.1). */
    private long subscribe(SessionHandle handle) throws Exception {
        return resultOf(subscriptions.create(fixture.context(handle), parameters(50)))
                .subscriptionId();
    }

    /** A subscription that tells nothing while a test lasts. */
    private long quiet(SessionHandle handle) throws Exception {
        return resultOf(subscriptions.create(fixture.context(handle), parameters(120_000)))
                .subscriptionId();
    }

    private static MonitoredItem item(String node, long clientHandle) {
        return new MonitoredItem(node(node), 13, 2, clientHandle, 50.0, 10, true, null);
    }

    private long monitor(SessionHandle handle, long subscriptionId, String node, long clientHandle) throws Exception {
        MonitoredItemResult result = resultOf(
                        items.create(fixture.context(handle), subscriptionId, List.of(item(node, clientHandle))))
                .get(0);
        assertThat(result.statusCode()).isEqualTo(StatusCode.GOOD);
        return result.monitoredItemId();
    }

    private CompletableFuture<PublishResult> publish(SessionHandle handle, Duration maxWait) {
        return subscriptions.publish(fixture.context(handle), List.of(), null, maxWait);
    }

    /** The next message that says something: on a busy machine a keep-alive may come before a value. */
    private PublishResult next(SessionHandle handle) throws Exception {
        PublishResult message = resultOf(publish(handle, LONG));
        while (message.notifications().isEmpty()) {
            message = resultOf(publish(handle, LONG));
        }
        return message;
    }

    /** One caller that reads message after message; keep-alives do not count. */
    private CompletableFuture<List<PublishResult>> publishRepeatedly(
            SessionHandle handle, int messages, boolean acknowledging) {
        return publishOn(handle, messages, acknowledging, new ArrayList<>(), null);
    }

    private CompletableFuture<List<PublishResult>> publishOn(
            SessionHandle handle,
            int messages,
            boolean acknowledging,
            List<PublishResult> found,
            @Nullable Acknowledgement acknowledgement) {
        if (found.size() == messages) {
            return CompletableFuture.completedFuture(found);
        }
        List<Acknowledgement> acknowledgements = acknowledgement == null ? List.of() : List.of(acknowledgement);
        return subscriptions
                .publish(fixture.context(handle), acknowledgements, null, LONG)
                .thenCompose(message -> {
                    if (message.notifications().isEmpty()) {
                        return publishOn(handle, messages, acknowledging, found, null);
                    }
                    found.add(message);
                    return publishOn(
                            handle,
                            messages,
                            acknowledging,
                            found,
                            acknowledging
                                    ? new Acknowledgement(message.subscriptionId(), message.sequenceNumber())
                                    : null);
                });
    }

    private static void assertMessages(List<PublishResult> messages, long subscriptionId, long clientHandle, int last) {
        assertThat(messages).allSatisfy(message -> {
            assertThat(message.subscriptionId()).isEqualTo(subscriptionId);
            assertThat(message.notifications())
                    .allSatisfy(notification ->
                            assertThat(notification.clientHandle()).isEqualTo(clientHandle));
        });
        assertThat(messages.stream().map(PublishResult::sequenceNumber))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, last).boxed().toList());
    }

    private static void assertServiceException(CommandException failure, long statusCode) {
        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(statusCode);
    }
}
