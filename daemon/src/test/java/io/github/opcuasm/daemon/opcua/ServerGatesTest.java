package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.protocol.CommandException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ServerGatesTest {
    private static final String PLC = "plc:4840";
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration STEP = Duration.ofSeconds(10);

    private final ManualTimers timers = new ManualTimers();
    private final ManualTicker ticker = new ManualTicker();
    private final ServerGates gates = new ServerGates(2, ticker, new Random(1), timers);

    @Test
    void turnsComeInTheOrderOfAskingAndNoMoreThanAllowed() {
        List<ServerGate.Place> places = firsts(5);
        assertThat(came(places)).containsExactly(true, true, false, false, false);

        places.get(1).over(Reach.REACHED, null);
        assertThat(came(places)).containsExactly(true, true, true, false, false);

        places.get(0).over(Reach.UNDECIDED, refused());
        assertThat(came(places)).containsExactly(true, true, true, true, false);
    }

    @Test
    void serversDoNotWaitForEachOther() {
        firsts(2);

        assertThat(gates.open(PLC, STEP).came()).isNotDone();
        assertThat(gates.open("other:4840", STEP).came()).isCompleted();
    }

    @Test
    void turnThatIsOverTwiceIsGivenOnOnce() {
        List<ServerGate.Place> places = firsts(4);

        places.get(0).over(Reach.REACHED, null);
        places.get(0).over(Reach.REACHED, null);

        assertThat(came(places)).containsExactly(true, true, true, false);
    }

    @Test
    void whoLeavesLosesItsPlaceAndNobodyElseDoes() {
        List<ServerGate.Place> places = firsts(4);

        places.get(2).leave();
        places.get(0).over(Reach.REACHED, null);

        assertThat(places.get(2).came())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(CommandException.class)
                .withMessageContaining(PLC);
        assertThat(places.get(3).came()).isCompleted();
    }

    @Test
    void turnOfWhoLeavesCountsUntilItIsOver() {
        List<ServerGate.Place> places = lost(3);

        places.get(0).leave();
        assertThat(places.get(2).came()).isNotDone();

        places.get(0).over(Reach.NOT_REACHED, refused());
        assertThat(places.get(0).isQueuedAgain()).isFalse();
    }

    @Test
    void serverThatIsAwayIsProbedByOneAtATimeWithPausesBetween() {
        List<ServerGate.Place> places = lost(5);
        notReached(places, 0, 1);
        assertThat(holders(places)).as("while the server is left alone").isEmpty();

        timers.run();
        assertThat(holders(places)).containsExactly(places.get(2));

        notReached(places, 2);
        assertThat(holders(places)).isEmpty();
        timers.run();
        assertThat(holders(places)).as("who had its turn is last").containsExactly(places.get(3));
    }

    @Test
    void turnsThatWereHadTogetherFailOnce() {
        List<ServerGate.Place> places = lost(3);

        notReached(places, 0, 1);

        assertThat(timers.delays).hasSize(1);
    }

    @Test
    void pausesGrowWithTheFailuresInARow() {
        ServerGate.Place place = lost(1).get(0);

        for (int failures = 1; failures <= 50; failures++) {
            place.over(Reach.NOT_REACHED, refused());
            timers.run();
        }

        assertThat(timers.delays).hasSize(50);
        assertThat(timers.delays.get(0)).isLessThanOrEqualTo(Duration.ofMillis(500));
        assertThat(timers.delays.get(1)).isLessThanOrEqualTo(Duration.ofMillis(1000));
        assertThat(timers.delays).allMatch(pause -> pause.compareTo(Duration.ofSeconds(2)) <= 0);
        assertThat(timers.delays).anyMatch(pause -> pause.compareTo(Duration.ofMillis(1500)) > 0);
    }

    @Test
    void restFollowsTheProbeThatReachesTheServerAtOnceWithinTheBound() {
        List<ServerGate.Place> places = lost(5);
        notReached(places, 0, 1);
        timers.run();

        places.get(2).over(Reach.REACHED, null);

        assertThat(holders(places)).containsExactly(places.get(3), places.get(4));
    }

    @Test
    void attemptThatEndsOnOurSideLeavesTheServerAwayAndLetsTheNextTry() {
        List<ServerGate.Place> places = lost(4);
        notReached(places, 0, 1);
        timers.run();

        places.get(2).over(Reach.UNDECIDED, refused());

        assertThat(holders(places)).containsExactly(places.get(3));
        assertThat(timers.delays).hasSize(1);
    }

    @Test
    void turnFromBeforeTheServerCameBackIsOldNews() {
        ServerGates three = new ServerGates(3, ticker, new Random(1), timers);
        List<ServerGate.Place> places = lost(three, 3);
        notReached(places, 0);
        places.get(1).over(Reach.REACHED, null);

        notReached(places, 2);

        assertThat(timers.delays).hasSize(1);
        assertThat(holders(places)).containsExactly(places.get(0), places.get(2));
    }

    @Test
    void openWaitsForNoPauseButIsTheProbe() {
        List<ServerGate.Place> places = lost(2);
        notReached(places, 0, 1);

        ServerGate.Place caller = gates.open(PLC, STEP);

        assertThat(caller.came()).isCompleted();
    }

    // Its caller may wait for a day; the server may be back in a second.
    @Test
    void openThatTakesLongDoesNotKeepOthersFromLookingForTheServer() {
        List<ServerGate.Place> places = lost(1);
        notReached(places, 0);
        ServerGate.Place slow = gates.open(PLC, STEP);
        timers.run(LONGEST_PAUSE);
        assertThat(holders(places)).isEmpty();

        ticker.advance(Duration.ofSeconds(5));
        timers.run();
        assertThat(holders(places)).containsExactly(places.get(0));

        places.get(0).over(Reach.REACHED, null);
        slow.over(Reach.NOT_REACHED, refused());
        assertThat(gates.open(PLC, STEP).came()).as("what was found out since").isCompleted();
    }

    @Test
    void opensThatTakeLongHoldNotAllTurnsForEver() {
        List<ServerGate.Place> slow = firsts(2);
        List<ServerGate.Place> places = lost(1);

        assertThat(holders(places)).isEmpty();
        ticker.advance(Duration.ofSeconds(20));
        timers.run();
        assertThat(holders(places)).containsExactly(places.get(0));

        slow.forEach(place -> place.over(Reach.UNDECIDED, refused()));
        places.get(0).restored(false);
        assertThat(came(firsts(3))).containsExactly(true, true, false);
    }

    @Test
    void whoWaitedInVainForAServerThatIsAwayIsToldThat() {
        lost(1).get(0).over(Reach.NOT_REACHED, refused());
        List<ServerGate.Place> callers = firsts(2);

        callers.get(1).leave();

        assertThat(callers.get(1).came())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(CommandException.class)
                .withMessage("Timed out: no connection to " + PLC + " (Connection refused)");
    }

    @Test
    void opensShareTheProbeThatIsUnderWayAndItsFailure() {
        lost(1).get(0).over(Reach.NOT_REACHED, refused());
        List<ServerGate.Place> callers = firsts(50);
        assertThat(came(callers)).as("attempts").containsOnlyOnce(true);
        IOException why = refused();

        callers.get(0).over(Reach.NOT_REACHED, why);

        assertThat(callers.subList(1, 50))
                .allSatisfy(caller -> assertThat(caller.came())
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .havingCause()
                        .isSameAs(why));
    }

    // What befell one user, or one who was in a hurry, says nothing about others.
    @Test
    void opensShareNoFailureThatMayBeAnothersOwn() {
        List<ServerGate.Place> places = lost(1);
        notReached(places, 0);
        ServerGate.Place hasty = gates.open(PLC, STEP.minusMillis(1));
        ServerGate.Place second = gates.open(PLC, STEP);
        ServerGate.Place third = gates.open(PLC, STEP);

        hasty.over(Reach.NOT_REACHED, refused());
        assertThat(second.came()).isCompletedWithValue(null);
        assertThat(third.came()).isNotDone();

        second.over(Reach.BROKEN_OFF, refused());
        assertThat(third.came()).isCompletedWithValue(null);

        third.over(Reach.UNDECIDED, refused());
        timers.run(LONGEST_PAUSE);
        ServerGate.Place late = gates.open(PLC, STEP);
        places.get(0).over(Reach.NOT_REACHED, refused());
        assertThat(late.came()).as("after the failure of a restoration").isCompletedWithValue(null);
    }

    @Test
    void sessionThatWasBrokenOffWaitsForTheServerLikeOthers() {
        List<ServerGate.Place> places = lost(3);

        places.get(0).over(Reach.BROKEN_OFF, refused());
        places.get(1).over(Reach.UNDECIDED, refused());

        assertThat(places.get(0).isQueuedAgain()).isTrue();
        assertThat(holders(places)).as("while the server is left alone").isEmpty();
    }

    @Test
    void opensShareTheProbeThatIsUnderWayAndItsSuccess() {
        lost(1).get(0).over(Reach.NOT_REACHED, refused());
        List<ServerGate.Place> callers = firsts(2);
        assertThat(came(callers)).containsExactly(true, false);

        callers.get(0).over(Reach.REACHED, null);

        assertThat(came(callers)).containsExactly(true, true);
    }

    @Test
    void opensOnlyFailTogetherWhenNobodyIsUnderWayAnyMore() {
        List<ServerGate.Place> callers = firsts(3);

        callers.get(0).over(Reach.NOT_REACHED, refused());
        assertThat(callers.get(2).came()).isNotDone();

        callers.get(1).over(Reach.REACHED, null);
        assertThat(callers.get(2).came()).isCompletedWithValue(null);
    }

    @Test
    void opensThatFailDoNotLengthenThePauseOfTheOthers() {
        List<ServerGate.Place> places = lost(1);
        notReached(places, 0);
        for (int i = 0; i < 10; i++) {
            gates.open(PLC, STEP).over(Reach.NOT_REACHED, refused());
        }

        timers.run();

        assertThat(timers.delays)
                .filteredOn(delay -> delay.compareTo(LONGEST_PAUSE) <= 0)
                .hasSize(1);
        assertThat(holders(places)).containsExactly(places.get(0));
    }

    @Test
    void sessionThatPausesByItselfIsNotInTheQueue() {
        List<ServerGate.Place> places = lost(3);

        places.get(0).over(Reach.REACHED, refused());
        places.get(0).notRestored("refused");
        places.get(1).over(Reach.REACHED, null);
        places.get(1).restored(false);

        assertThat(holders(places)).containsExactly(places.get(2));
        places.get(0).queue();
        assertThat(places.get(0).came()).isCompleted();
    }

    @Test
    void whoIsInAHurryEndsThePauseButNotTooOften() {
        List<ServerGate.Place> places = lost(1);
        notReached(places, 0);

        places.get(0).hurry();
        assertThat(holders(places)).containsExactly(places.get(0));

        notReached(places, 0);
        places.get(0).hurry();
        assertThat(holders(places)).as("a moment later").isEmpty();

        ticker.advance(Duration.ofSeconds(5));
        places.get(0).hurry();
        assertThat(holders(places)).containsExactly(places.get(0));
    }

    @Test
    void gatesOfServersThatNobodyWantsVanish() {
        List<ServerGate.Place> places = lost(3);
        notReached(places, 0, 1);
        gates.open(PLC, STEP).over(Reach.NOT_REACHED, refused());
        gates.open("other:4840", STEP).over(Reach.REACHED, null);

        places.forEach(ServerGate.Place::leave);
        timers.run();

        assertThat(gates.size()).isZero();
    }

    @Test
    void manyThreadsNeverHaveMoreTurnsThanAllowedAndAllGetOne() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        CompletableFuture<?>[] all = IntStream.range(0, 400)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> gates.open(PLC, STEP))
                        .thenCompose(place -> place.came().thenRunAsync(() -> {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            now.decrementAndGet();
                            place.over(Reach.REACHED, null);
                        })))
                .toArray(CompletableFuture[]::new);

        assertThat(CompletableFuture.allOf(all)).succeedsWithin(Duration.ofSeconds(60));
        assertThat(most.get()).isBetween(1, 2);
        assertThat(gates.size()).isZero();
    }

    private static IOException refused() {
        return new IOException("Connection refused");
    }

    private List<ServerGate.Place> firsts(int count) {
        return IntStream.range(0, count).mapToObj(i -> gates.open(PLC, STEP)).toList();
    }

    /** Sessions that were lost and want back. */
    private List<ServerGate.Place> lost(int count) {
        return lost(gates, count);
    }

    private static List<ServerGate.Place> lost(ServerGates gates, int count) {
        List<ServerGate.Place> places = Stream.generate(() -> gates.lost(PLC, "connection closed"))
                .limit(count)
                .toList();
        places.forEach(ServerGate.Place::queue);
        return places;
    }

    private static void notReached(List<ServerGate.Place> places, int... which) {
        for (int i : which) {
            places.get(i).over(Reach.NOT_REACHED, refused());
        }
    }

    private static List<Boolean> came(List<ServerGate.Place> places) {
        return places.stream().map(place -> place.came().isDone()).toList();
    }

    /** Sessions whose turn has come and is not over. */
    private static List<ServerGate.Place> holders(List<ServerGate.Place> places) {
        return places.stream()
                .filter(place -> place.came().isDone() && !place.came().isCompletedExceptionally())
                .toList();
    }
}
