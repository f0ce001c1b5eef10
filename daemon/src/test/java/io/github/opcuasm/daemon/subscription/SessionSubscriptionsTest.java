package io.github.opcuasm.daemon.subscription;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.session.Caller;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.Registries;
import io.github.opcuasm.daemon.session.SessionConfig;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes too early, too large or too late for a subscription's owner. */
final class SessionSubscriptionsTest {
    private static final Duration LONG = Duration.ofSeconds(100);
    private static final long ID = 4_000_000_007L;
    private static final SubscriptionParameters ASKED = new SubscriptionParameters(500, 2_400, 10, 0, true, 0);

    private final Simulator simulator = Simulator.builder().build();
    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1 << 24);
    private final HandleRegistry registry = Registries.of(
            DaemonConfig.builder()
                    .socket(new IpcEndpoint.Tcp("127.0.0.1", InetAddress.getLoopbackAddress(), 0))
                    .keepAliveInterval(LONG)
                    .build(),
            transport,
            Ticker.SYSTEM,
            InstantSource.system());
    private SessionHandle handle;
    private SessionSubscriptions subscriptions;

    @BeforeEach
    void open() throws Exception {
        simulator.start();
        handle = handle("{\"opcuaTimeout\":20}");
        subscriptions = new SubscriptionRegistry(Ticker.SYSTEM, InstantSource.system()).of(handle.session());
    }

    @AfterEach
    void close() {
        registry.closeAll().orTimeout(30, TimeUnit.SECONDS).join();
        simulator.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void earlyMessageThatMakesNoSenseHindersNeitherTheAdoptionNorOthers() throws Exception {
        Arrival arrival = subscriptions.arrival();

        ManagedSubscription adopted = onLoop(() -> {
            arrival.begin();
            subscriptions.acceptOrLog(response(null));
            subscriptions.acceptOrLog(response(message(1)));
            subscriptions.mailboxes().adopt(handle, ID, ASKED, GrantedParameters.UNKNOWN);
            arrival.end();
            return subscriptions.mailboxes().require(handle, ID);
        });
        Delivery delivery =
                resultOf(subscriptions.mailboxes().publish(handle, List.of(), null, null, Ticker.SYSTEM.read()));

        assertThat(adopted.id()).isEqualTo(ID);
        assertThat(delivery.subscriptionId()).isEqualTo(ID);
        assertThat(delivery.sequenceNumber()).isEqualTo(1);
        assertThat(delivery.data()).hasSize(1);
    }

    @Test
    void earlyMessagesOfNobodyEndWithTheLastArrival() throws Exception {
        Arrival arrival = subscriptions.arrival();

        onLoop(() -> {
            arrival.begin();
            subscriptions.acceptOrLog(response(null));
            arrival.end();
            return true;
        });

        await().until(() -> simulator.counters().received(Service.DELETE_SUBSCRIPTIONS) == 1);
    }

    @Test
    void subscriptionThatMovesToAHandleThatHasEndedIsDeleted() throws Exception {
        SessionHandle ended = handle("{\"opcuaTimeout\":21}");
        assertThat(ended.session()).isSameAs(handle.session());
        resultOf(registry.close(ended, true));

        List<Long> available = onLoop(() -> {
            subscriptions.mailboxes().adoptTransferred(handle, ID, null, List.of(3L));
            return subscriptions.mailboxes().move(ID, ended);
        });

        assertThat(available).containsExactly(3L);
        await().until(() -> simulator.counters().received(Service.DELETE_SUBSCRIPTIONS) == 1);
        assertThat(failureOf(subscriptions.mailboxes().publish(ended, List.of(), null, null, Ticker.SYSTEM.read()))
                        .statusCode())
                .isEqualTo(StatusCodes.Bad_NoSubscription);
    }

    /** What others created cannot be created anew: nobody knows what it was asked to be. */
    @Test
    void subscriptionOfOthersThatTheServerForgotIsOver() throws Exception {
        onLoop(() -> subscriptions.mailboxes().adoptTransferred(handle, ID, null, List.of()));

        CommandException told = failureOf(subscriptions
                .mailboxes()
                .publish(handle, List.of(), null, null, Ticker.SYSTEM.read() + LONG.toNanos()));

        assertThat(told.statusCode()).isEqualTo(StatusCodes.Bad_NoSubscription);
        assertThat(told).hasMessageContaining("the server has no subscription of this session any more");
    }

    @Test
    void onlyTheLastOfTooManySequenceNumbersAreLookedAt() {
        UInteger[] many = new UInteger[1_000_000];
        Arrays.setAll(many, index -> uint(index));

        List<Long> numbers = SessionSubscriptions.numbers(many);

        assertThat(numbers).hasSize(ManagedSubscription.MAX_AVAILABLE).endsWith(999_999L);
    }

    private SessionHandle handle(String config) throws Exception {
        byte[] utf8 = config.getBytes(StandardCharsets.UTF_8);
        String id = resultOf(registry.open(
                        EndpointUrl.parse(simulator.endpointUrl()),
                        SessionConfig.parse(JsonReader.readValue(utf8, 0, utf8.length)),
                        false,
                        Caller.anyone()))
                .sessionId();
        return registry.use(id, Caller.anyone());
    }

    private <T> T onLoop(Supplier<T> action) throws Exception {
        return resultOf(CompletableFuture.supplyAsync(action, subscriptions.executor()));
    }

    private static NotificationMessage message(long sequenceNumber) {
        ExtensionObject data =
                ExtensionObject.of(ByteString.of(new byte[4]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new NotificationMessage(uint(sequenceNumber), DateTime.now(), new ExtensionObject[] {data});
    }

    /** @param message null, which the specification does not allow */
    @SuppressWarnings("NullAway")
    private static PublishResponse response(@Nullable NotificationMessage message) {
        return new PublishResponse(
                new ResponseHeader(DateTime.now(), uint(0), StatusCode.GOOD, null, null, null),
                uint(ID),
                new UInteger[0],
                false,
                message,
                new StatusCode[0],
                new DiagnosticInfo[0]);
    }
}
