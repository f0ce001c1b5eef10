package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BrowseResultSet;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BrowseContinuationTest {
    private final ServiceFixture fixture = new ServiceFixture();
    private final AtomicLong ahead = new AtomicLong();
    private final Ticker ticker = () -> System.nanoTime() + ahead.get();
    private final ViewService views = new ViewService(ticker, new GatheredPages(Long.MAX_VALUE));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void pagesOfDifferentConnectionsMakeTheWhole() throws Exception {
        CallContext first = fixture.context("{}");
        List<ReferenceDescription> whole = resultOf(views.browseAll(first, item("Scalars")));
        fixture.simulator.limits().maxReferencesPerNode(7);

        List<ReferenceDescription> paged = new ArrayList<>();
        BrowseResultSet page = resultOf(views.browseWithContinuation(first, item("Scalars")));
        paged.addAll(page.references());
        while (page.continuationPoint() != null) {
            assertThat(page.references()).hasSize(7);
            CallContext another = fixture.context(fixture.handle());
            page = resultOf(views.browseNext(another, page.continuationPoint()));
            paged.addAll(page.references());
        }

        assertThat(paged).isEqualTo(whole);
    }

    @Test
    void lastPageHasNoContinuationPoint() throws Exception {
        CallContext context = fixture.context("{}");

        BrowseResultSet page = resultOf(views.browseWithContinuation(context, item("Scalars")));

        assertThat(page.references()).hasSizeGreaterThan(20);
        assertThat(page.continuationPoint()).isNull();
    }

    @Test
    void continuationPointWorksOnceAndOnItsOwnHandleOnly() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        String point = point(context);

        CallContext otherHandle = fixture.context("{'autoRetry':2}");
        CommandException elsewhere = invalid(otherHandle, point);
        BrowseResultSet next = resultOf(views.browseNext(context, point));
        CommandException again = invalid(context, point);

        assertThat(next.references()).hasSize(5);
        assertThat(next.continuationPoint()).isNotNull().isNotEqualTo(point);
        for (CommandException failure : List.of(elsewhere, again, invalid(context, ""), invalid(context, "zzz"))) {
            assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
            assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_ContinuationPointInvalid);
            assertThat(failure).hasMessageContaining("Bad_ContinuationPointInvalid (0x804A0000)");
        }
    }

    // Part 4, 5.9.3: what nobody will follow is released, because servers have few.
    @Test
    void endOfTheHandleReleasesWhatIsLeft() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        point(context);
        point(context);
        long before = fixture.simulator.counters().received(Service.BROWSE_NEXT);

        resultOf(fixture.registry.close(fixture.handle(), true));

        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(before + 1));
    }

    @Test
    void oldestIsReleasedWhenAHandleHoldsTooMany() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        String oldest = point(context);
        String second = point(context);
        for (int i = 2; i <= ContinuationPoints.MAX_PER_HANDLE; i++) {
            point(context);
        }

        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(1));
        assertThat(invalid(context, oldest).statusCode()).isEqualTo(StatusCodes.Bad_ContinuationPointInvalid);
        assertThat(resultOf(views.browseNext(context, second)).references()).hasSize(5);
    }

    @Test
    void continuationPointAgesAndIsReleased() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        String old = point(context);
        ahead.addAndGet(ContinuationPoints.MAX_AGE.toNanos());

        CommandException failure = invalid(context, old);

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_ContinuationPointInvalid);
        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(1));
    }

    // A server may number its points: on a new session the same bytes could be somebody else's.
    @Test
    void continuationPointOfALostSessionNeverReachesTheNextOne() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':20}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        String point = point(context);
        fixture.simulator.faults().forgetSessions();
        resultOf(views.browse(fixture.context(fixture.handle()), item("Cycle")));
        long before = fixture.simulator.counters().received(Service.BROWSE_NEXT);

        CommandException failure = invalid(fixture.context(fixture.handle()), point);

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_ContinuationPointInvalid);
        assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT)).isEqualTo(before);
    }

    // The server has moved on with the request whose answer was lost: a second one would skip a page.
    @Test
    void nextPageIsNotAskedForTwiceWhenTheConnectionBreaks() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':20,'autoRetry':3}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        String point = point(context);
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.BROWSE_NEXT);
        CompletableFuture<BrowseResultSet> next = views.browseNext(context, point);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        fixture.simulator.faults().dropConnections();

        CommandException failure = failureOf(next);
        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(invalid(context, point).statusCode()).isEqualTo(StatusCodes.Bad_ContinuationPointInvalid);
    }

    @Test
    void pageThatNobodyWaitsForAnyMoreIsReleased() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.BROWSE);
        CompletableFuture<BrowseResultSet> page = views.browseWithContinuation(context, item("Scalars"));
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        context.abandon();
        withheld.close();

        assertThat(resultOf(page).continuationPoint()).isNull();
        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(1));
    }

    private String point(CallContext context) throws Exception {
        return Objects.requireNonNull(
                resultOf(views.browseWithContinuation(context, item("Scalars"))).continuationPoint());
    }

    /** An unknown one is refused at once. */
    private CommandException invalid(CallContext context, String point) {
        CompletableFuture<BrowseResultSet> result;
        try {
            result = views.browseNext(context, point);
        } catch (CommandException e) {
            return e;
        }
        return failureOf(result);
    }

    private static BrowseRequestItem item(String path) {
        return new BrowseRequestItem(node(path), 0, null, true, 0);
    }
}
