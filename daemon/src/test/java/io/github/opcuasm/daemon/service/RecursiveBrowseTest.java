package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static io.github.opcuasm.daemon.service.ServiceFixture.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BrowseNode;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecursiveBrowseTest {
    private static final int AS_DEEP_AS_IT_GETS = -1;

    private final ServiceFixture fixture =
            new ServiceFixture(Simulator.builder().bigNodes());
    private final ViewService views = new ViewService(Ticker.SYSTEM, new GatheredPages(Long.MAX_VALUE));

    @AfterEach
    void close() {
        fixture.close();
    }

    // Cycle organizes A and Self; A and B organize each other, Self itself.
    @Test
    void nodeThatIsMetAgainAppearsWithoutChildren() throws Exception {
        CallContext context = fixture.context("{}");

        List<BrowseNode> tree = resultOf(views.browseRecursive(context, below(node("Cycle")), AS_DEEP_AS_IT_GETS));

        assertThat(shape(tree)).isEqualTo("A(B(A)) Self(Self)");
    }

    // From A the first step finds B, whose reference leads back to where the search began.
    @Test
    void rootCountsAsMet() throws Exception {
        CallContext context = fixture.context("{}");

        List<BrowseNode> tree = resultOf(views.browseRecursive(context, below(node("Cycle/A")), AS_DEEP_AS_IT_GETS));

        assertThat(shape(tree)).isEqualTo("B(A)");
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "2,2", "50,50", "-1,256", "1000000,256"})
    void depthCountsReferences(int maxDepth, int levels) throws Exception {
        CallContext context = fixture.context("{}");

        List<BrowseNode> level = resultOf(views.browseRecursive(context, below(node("Deep")), maxDepth));

        int found = 0;
        while (!level.isEmpty()) {
            found++;
            level = level.get(0).children();
        }
        assertThat(found).isEqualTo(levels);
    }

    @Test
    void thousandsOfChildrenInSmallPagesAreAllFound() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':60}");
        fixture.simulator.limits().maxReferencesPerNode(100);

        List<BrowseNode> tree = resultOf(views.browseRecursive(context, below(node("Big/Folder")), 1));

        assertThat(tree)
                .hasSize(10_000)
                .allSatisfy(child -> assertThat(child.children()).isEmpty());
        assertThat(tree.get(9_999).reference().browseName().name()).isEqualTo("09999");
        assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT)).isEqualTo(99);
    }

    // Part 5, 6.3.11: the server's limit counts for BrowseNext too.
    @Test
    void severalNodesGoIntoOneCallUpToTheServersLimit() throws Exception {
        long withoutLimit = callsForTheWholeSimulator();
        fixture.simulator.limits().operations(OperationLimit.MAX_NODES_PER_BROWSE, 3);
        resultOf(fixture.registry.close(fixture.handle(), true));
        fixture.simulator.limits().maxReferencesPerNode(4);

        long withLimit = callsForTheWholeSimulator();

        assertThat(withoutLimit).isLessThan(20);
        assertThat(withLimit).isGreaterThan(withoutLimit);
    }

    @Test
    void filterHoldsOnEveryLevel() throws Exception {
        CallContext context = fixture.context("{}");
        BrowseRequestItem objects = new BrowseRequestItem(standard(85), 0, standard(33), true, 1);

        List<BrowseNode> tree = resultOf(views.browseRecursive(context, objects, 3));

        assertThat(classes(tree)).containsOnly(1);
    }

    @Test
    void unknownRootIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure = failureOf(views.browseRecursive(context, below(node("Nowhere")), 3));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
    }

    @Test
    void searchStopsWhenThePeerIsGone() throws Exception {
        CallContext context = fixture.context("{}");
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.BROWSE);
        CompletableFuture<List<BrowseNode>> tree =
                views.browseRecursive(context, below(node("Cycle")), AS_DEEP_AS_IT_GETS);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));
        long before = fixture.simulator.counters().received(Service.BROWSE);

        context.abandon();
        withheld.close();

        assertThat(failureOf(tree).type()).isEqualTo(ErrorType.CANCELLED);
        assertThat(fixture.simulator.counters().received(Service.BROWSE)).isEqualTo(before);
    }

    @Test
    void openPagesAreReleasedWhenThePeerIsGone() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.BROWSE);
        CompletableFuture<List<BrowseNode>> tree = views.browseRecursive(context, below(node("Scalars")), 1);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));

        context.abandon();
        withheld.close();

        assertThat(failureOf(tree).type()).isEqualTo(ErrorType.CANCELLED);
        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(1));
    }

    // Its indices come from the first session; those of the next one may mean something else.
    @Test
    void treeIsNotContinuedOnAnotherSession() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':20,'autoRetry':3}");
        Fault withheld = fixture.simulator.faults().withholdAnswers(Service.BROWSE);
        CompletableFuture<List<BrowseNode>> tree =
                views.browseRecursive(context, below(node("Deep")), AS_DEEP_AS_IT_GETS);
        await().untilAsserted(() -> assertThat(withheld.held()).isEqualTo(1));
        Fault hanging = fixture.simulator.faults().hang(Service.BROWSE);
        await().untilAsserted(() -> assertThat(hanging.held()).isEqualTo(1));

        fixture.simulator.faults().forgetSessions();
        hanging.close();

        CommandException failure = failureOf(tree);
        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure).hasMessageContaining("created anew");
    }

    @Test
    void serverThatDoesNotAnswerIsGivenUp() throws Exception {
        CallContext context = fixture.context("{'opcuaTimeout':3}");
        fixture.simulator.faults().hang(Service.BROWSE);

        CommandException failure = failureOf(views.browseRecursive(context, below(node("Cycle")), 3));

        assertThat(failure.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_Timeout);
    }

    private long callsForTheWholeSimulator() throws Exception {
        long before = fixture.simulator.counters().received(Service.BROWSE);
        List<BrowseNode> tree = resultOf(views.browseRecursive(fixture.context("{}"), below(node("Simulator")), 2));
        assertThat(tree).hasSizeGreaterThan(5);
        assertThat(tree.stream()
                        .filter(child -> child.reference().browseName().name().equals("Scalars")))
                .singleElement()
                .satisfies(scalars -> assertThat(scalars.children()).hasSizeGreaterThan(20));
        return fixture.simulator.counters().received(Service.BROWSE) - before;
    }

    private static BrowseRequestItem below(NodeReference root) {
        return new BrowseRequestItem(root, 0, standard(33), true, 0);
    }

    private static String shape(List<BrowseNode> nodes) {
        return String.join(
                " ",
                nodes.stream()
                        .map(child -> child.reference().browseName().name()
                                + (child.children().isEmpty() ? "" : "(" + shape(child.children()) + ")"))
                        .toList());
    }

    private static List<Integer> classes(List<BrowseNode> nodes) {
        return nodes.stream()
                .flatMap(child ->
                        Stream.concat(Stream.of(child.reference().nodeClass()), classes(child.children()).stream()))
                .toList();
    }
}
