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
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.simulator.Service;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ViewServiceTest {
    private static final int FORWARD = 0;
    private static final int INVERSE = 1;
    private static final int VARIABLES = 2;
    private static final int OBJECTS = 1;
    private static final long ORGANIZES = 35;

    private final ServiceFixture fixture = new ServiceFixture();
    private final ViewService views = new ViewService(Ticker.SYSTEM, new GatheredPages(Long.MAX_VALUE));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void allPagesGiveAllReferencesInOrder() throws Exception {
        CallContext context = fixture.context("{}");
        List<ReferenceDescription> whole = resultOf(views.browseAll(context, children("Scalars", 0)));
        fixture.simulator.limits().maxReferencesPerNode(5);

        List<ReferenceDescription> paged = resultOf(views.browseAll(context, children("Scalars", 0)));

        assertThat(whole).hasSizeGreaterThanOrEqualTo(22);
        assertThat(paged).isEqualTo(whole);
        assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT)).isEqualTo((whole.size() - 1) / 5);
    }

    // Part 4, 5.9.3: a continuation point that nobody will follow is released.
    @Test
    void onePageGivesItsContinuationPointBack() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.limits().maxReferencesPerNode(5);

        for (int i = 0; i < 50; i++) {
            assertThat(resultOf(views.browse(context, children("Scalars", 0)))).hasSize(5);
        }

        await().untilAsserted(() -> assertThat(fixture.simulator.counters().received(Service.BROWSE_NEXT))
                .isEqualTo(50));
        assertThat(resultOf(views.browseAll(context, children("Scalars", 0)))).hasSizeGreaterThan(20);
    }

    @Test
    void onlyWhatWasAskedForComesBack() throws Exception {
        CallContext context = fixture.context("{}");

        List<ReferenceDescription> objects = resultOf(views.browse(context, children("Scalars", OBJECTS)));
        List<ReferenceDescription> variables = resultOf(views.browse(context, children("Scalars", VARIABLES)));
        List<ReferenceDescription> parents = resultOf(
                views.browse(context, new BrowseRequestItem(node("Scalars"), INVERSE, standard(ORGANIZES), false, 0)));

        assertThat(objects).isEmpty();
        assertThat(variables).isNotEmpty().allSatisfy(each -> {
            assertThat(each.isForward()).isTrue();
            assertThat(each.browseName().namespaceIndex()).isEqualTo(2);
        });
        assertThat(parents).hasSize(1);
        assertThat(parents.get(0).isForward()).isFalse();
    }

    @Test
    void unknownNodeIsAServiceException() throws Exception {
        CallContext context = fixture.context("{}");

        CommandException browse = failureOf(views.browse(context, item(node("Nowhere"), null)));
        CommandException browseAll = failureOf(views.browseAll(context, item(node("Nowhere"), null)));
        CommandException noType = failureOf(views.browse(context, item(node("Scalars"), node("Nowhere"))));

        assertThat(browse.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(browse.statusCode()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(browse).hasMessageContaining("Bad_NodeIdUnknown (0x80340000)");
        assertThat(browseAll.statusCode()).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(noType.statusCode()).isEqualTo(StatusCodes.Bad_ReferenceTypeIdInvalid);
    }

    @Test
    void serverWithoutTheServiceSaysSo() throws Exception {
        CallContext context = fixture.context("{}");
        fixture.simulator.faults().fail(Service.BROWSE, StatusCodes.Bad_ServiceUnsupported);

        CommandException failure = failureOf(views.browse(context, children("Scalars", 0)));

        assertThat(failure.type()).isEqualTo(ErrorType.SERVICE_UNSUPPORTED);
    }

    private static BrowseRequestItem children(String path, int nodeClasses) {
        return new BrowseRequestItem(node(path), FORWARD, null, true, nodeClasses);
    }

    private static BrowseRequestItem item(NodeReference node, @Nullable NodeReference referenceType) {
        return new BrowseRequestItem(node, FORWARD, referenceType, true, 0);
    }
}
