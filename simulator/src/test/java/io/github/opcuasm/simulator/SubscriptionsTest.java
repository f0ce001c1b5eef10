package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SubscriptionsTest {
    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeEach
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterEach
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void subscriptionsMoveToAnotherSession() throws Exception {
        UInteger id = subscription();
        OpcUaClient heir = clients.connect(simulator);

        assertThat(transfer(heir, id).getStatusCode().getValue()).isEqualTo(StatusCodes.Good);

        modify(heir, id);
        assertThatThrownBy(() -> modify(client, id))
                .satisfies(failure -> assertStatus(StatusCodes.Bad_SubscriptionIdInvalid, failure));
    }

    @Test
    void transfersAreRefusedOnDemand() throws Exception {
        UInteger id = subscription();
        OpcUaClient heir = clients.connect(simulator);

        try (Fault refusal = simulator.faults().refuseTransfers()) {
            assertThat(transfer(heir, id).getStatusCode().getValue()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
            assertThat(refusal.held()).isZero();
        }

        assertThat(transfer(heir, id).getStatusCode().getValue()).isEqualTo(StatusCodes.Good);
    }

    @Test
    void unknownSubscriptionsAreNotTransferred() throws Exception {
        assertThat(transfer(client, uint(0x7FFF_FFFF)).getStatusCode().getValue())
                .isEqualTo(StatusCodes.Bad_SubscriptionIdInvalid);
    }

    @Test
    void droppedSubscriptionsAreUnknownWhileTheSessionGoesOn() throws Exception {
        UInteger id = subscription();

        simulator.faults().dropSubscriptions();

        assertThatThrownBy(() -> modify(client, id))
                .satisfies(failure -> assertStatus(StatusCodes.Bad_SubscriptionIdInvalid, failure));
        assertThat(TestClients.readNow(client, "Scalars/Int32").statusCode().isGood())
                .isTrue();
    }

    private UInteger subscription() throws Exception {
        return client.createSubscriptionAsync(100.0, uint(1_000), uint(10), uint(0), true, ubyte(0))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getSubscriptionId();
    }

    private static void modify(OpcUaClient client, UInteger id) throws Exception {
        client.modifySubscriptionAsync(id, 200.0, uint(1_000), uint(10), uint(0), ubyte(0))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static TransferResult transfer(OpcUaClient client, UInteger id) throws Exception {
        return client.transferSubscriptionsAsync(List.of(id), false)
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getResults()[0];
    }

    private static void assertStatus(long status, Throwable failure) {
        assertThat(UaException.extractStatusCode(failure).orElseThrow().getValue())
                .isEqualTo(status);
    }
}
