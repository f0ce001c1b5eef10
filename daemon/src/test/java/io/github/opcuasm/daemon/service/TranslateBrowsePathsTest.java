package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static io.github.opcuasm.daemon.service.ServiceFixture.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BrowsePathResult;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.simulator.OperationLimit;
import io.github.opcuasm.simulator.Service;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TranslateBrowsePathsTest {
    private static final NodeId ROOT = standard(84);
    private static final NodeId OBJECTS = standard(85);

    private final ServiceFixture fixture = new ServiceFixture();
    private final ViewService views = new ViewService(Ticker.SYSTEM, new GatheredPages(Long.MAX_VALUE));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void eachPathHasAResultOfItsOwn() throws Exception {
        CallContext context = fixture.context("{}");

        List<BrowsePathResult> results = resultOf(views.translateBrowsePaths(
                context,
                List.of(
                        path(OBJECTS, "0:Server", "0:ServerStatus"),
                        path(OBJECTS, "0:Nope"),
                        path(OBJECTS),
                        path(node("Nowhere"), "0:x"))));

        assertThat(results.stream().map(result -> result.statusCode().value()))
                .containsExactly(
                        0L, StatusCodes.Bad_NoMatch, StatusCodes.Bad_NothingToDo, StatusCodes.Bad_NodeIdUnknown);
        assertThat(results.get(0).targets()).singleElement().satisfies(target -> {
            assertThat(target.targetId().nodeId()).isEqualTo(standard(2256));
            assertThat(target.remainingPathIndex()).isEqualTo(4_294_967_295L);
        });
        assertThat(results.get(1).targets()).isEmpty();
    }

    @Test
    void pathsGoAlongTheReferencesAskedFor() throws Exception {
        CallContext context = fixture.context("{}");
        QualifiedName objects = new QualifiedName(0, "Objects");

        List<BrowsePathResult> results = resultOf(views.translateBrowsePaths(
                context,
                List.of(
                        new BrowsePath(
                                standard(2253), List.of(new BrowsePath.Element(standard(35), true, true, objects))),
                        new BrowsePath(
                                standard(2253), List.of(new BrowsePath.Element(standard(47), true, true, objects))),
                        new BrowsePath(
                                standard(2253), List.of(new BrowsePath.Element(standard(33), true, false, objects))))));

        assertThat(results.get(0).targets().get(0).targetId().nodeId()).isEqualTo(OBJECTS);
        assertThat(results.get(1).statusCode().value()).isEqualTo(StatusCodes.Bad_NoMatch);
        assertThat(results.get(2).statusCode().value()).isEqualTo(StatusCodes.Bad_NoMatch);
    }

    @Test
    void pathsAreTranslatedInBatches() throws Exception {
        fixture.simulator.limits().operations(OperationLimit.MAX_NODES_PER_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS, 3);
        CallContext context = fixture.context("{}");

        List<BrowsePathResult> results =
                resultOf(views.translateBrowsePaths(context, Collections.nCopies(7, path(OBJECTS, "0:Server"))));

        assertThat(results)
                .hasSize(7)
                .allSatisfy(result -> assertThat(result.targets()).hasSize(1));
        assertThat(fixture.simulator.counters().received(Service.TRANSLATE_BROWSE_PATHS_TO_NODE_IDS))
                .isEqualTo(3);
    }

    @Test
    void noPathsAreAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure =
                catchThrowableOfType(CommandException.class, () -> views.translateBrowsePaths(context, List.of()));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NothingToDo);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/Objects/Server/ServerStatus | i=84 | i=2256",
                "Objects/Server | i=84 | i=2253",
                "Server | i=85 | i=2253",
                "/2:Simulator/2:Scalars/2:Int32 | i=85 | ns=2;s=Scalars/Int32",
                "2:Int32 | ns=2;s=Scalars | ns=2;s=Scalars/Int32",
                "2:Name with &/ . &: && # and < | ns=2;s=Ids | ns=2;s=Ids/Name",
            })
    void pathLeadsToANode(String path, String start, String expected) throws Exception {
        CallContext context = fixture.context("{}");

        NodeId found = resultOf(views.resolveNodeId(context, path, NodeId.parse(start)));

        assertThat(found).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/Objects/2:Nope/2:Var | \"2:Nope\"",
                "/Nope | \"Nope\"",
                "/Objects/2:Simulator/2:Scalars/2:Nope | \"2:Nope\"",
                "/Objects/2:Simulator/Scalars/2:Nope | \"Scalars\"",
            })
    void firstStepThatLeadsNowhereIsNamed(String path, String step) throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure = failureOf(views.resolveNodeId(context, path, ROOT));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NoMatch);
        assertThat(failure).hasMessageContaining("there is no " + step + ": Bad_NoMatch (0x806F0000)");
    }

    @Test
    void unknownStartIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException failure = failureOf(views.resolveNodeId(context, "a/b", node("Nowhere")));

        assertThat(failure.statusCode()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
    }

    private static BrowsePath path(NodeId start, String... names) {
        return new BrowsePath(
                start,
                Arrays.stream(names)
                        .map(name -> new BrowsePath.Element(
                                standard(33), false, true, new QualifiedName(name.charAt(0) - '0', name.substring(2))))
                        .toList());
    }
}
