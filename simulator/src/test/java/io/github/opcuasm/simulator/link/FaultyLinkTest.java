package io.github.opcuasm.simulator.link;

import static io.github.opcuasm.simulator.link.Direction.TO_CLIENT;
import static io.github.opcuasm.simulator.link.Direction.TO_SERVER;
import static io.github.opcuasm.simulator.link.LinkPeers.receive;
import static io.github.opcuasm.simulator.link.LinkPeers.rest;
import static io.github.opcuasm.simulator.link.LinkPeers.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.simulator.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a link does to the connections on it as a whole. */
final class FaultyLinkTest {
    /** How long something is watched for that must not happen. */
    private static final int MOMENT_MILLIS = 200;

    private LinkPeers peers;

    @BeforeEach
    void connect() throws IOException {
        peers = new LinkPeers();
    }

    @AfterEach
    void close() throws IOException {
        peers.close();
    }

    @Test
    void bytesPassBothWaysUnchangedWhateverTheyAre() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();

        send(client, "GET / ");
        send(server, "200 ");

        assertThat(receive(server, 6)).isEqualTo("GET / ");
        assertThat(receive(client, 4)).isEqualTo("200 ");
        client.close();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void theUrlIsTheServersWithAnotherAddress() {
        assertThat(peers.link.endpointUrl()).isEqualTo("opc.tcp://127.0.0.1:" + peers.link.port() + "/plant");
    }

    @Test
    void connectionsAreCountedAndTimed() throws Exception {
        long before = System.nanoTime();
        assertThat(peers.link.firstAcceptedAfter(before)).isEmpty();

        Socket client = peers.connect();
        Socket server = peers.accept();

        assertThat(peers.link.accepted()).isEqualTo(1);
        assertThat(peers.link.connections()).isEqualTo(1);
        assertThat(peers.link.firstAcceptedAfter(before).orElseThrow() - before).isNotNegative();
        assertThat(peers.link.firstAcceptedAfter(System.nanoTime())).isEmpty();
        client.close();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        await().until(() -> peers.link.connections() == 0);
        assertThat(peers.link.accepted()).isEqualTo(1);
    }

    @Test
    void aResetReachesBothPeers() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();

        peers.link.breakAll(Ending.RESET);

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void aCloseReachesBothPeersAsTheEndOfTheStream() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        // The link has taken note of both connections.
        send(client, "GET / ");
        assertThat(receive(server, 6)).isEqualTo("GET / ");

        peers.link.breakAll(Ending.CLOSE);

        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(server.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aPeersResetIsPassedOnAsOne() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();

        client.setSoLinger(true, 0);
        client.close();

        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void aSilentConnectionLosesEverythingAndNewOnesWork() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();

        peers.link.breakAll(Ending.SILENCE);

        send(client, "lost");
        send(server, "lost");
        assertNothingComes(server);
        client.close();
        assertNothingComes(server);
        assertThat(peers.link.connections()).isEqualTo(1);
        peers.connect();
        send(peers.accept(), "x");
    }

    @Test
    void aRefusedPortIsTheSameAfterwards() throws Exception {
        int port = peers.link.port();
        Socket before = peers.connect();
        Socket beforeAtServer = peers.accept();

        try (Fault refusing = peers.link.refuse()) {
            assertThat(refusing.held()).isZero();
            assertThatThrownBy(peers::connect).isInstanceOf(ConnectException.class);
            send(before, "still here");
            assertThat(receive(beforeAtServer, 10)).isEqualTo("still here");
        }

        assertThat(peers.link.port()).isEqualTo(port);
        peers.connect();
        send(peers.accept(), "x");
    }

    @Test
    void aConnectionWhoseServerRefusesIsReset() throws Exception {
        peers.listener.close();

        Socket client = peers.connect();

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        await().until(() -> peers.link.connections() == 0);
    }

    @Test
    void anUnservedConnectionStaysSo() throws Exception {
        Socket client;
        try (Fault unserved = peers.link.leaveUnserved()) {
            assertThat(unserved.held()).isZero();
            client = peers.connect();
            send(client, "anybody?");
            await().until(() -> peers.link.accepted() == 1);
        }

        peers.connect();
        Socket server = peers.accept();

        assertNothingComes(client);
        send(server, "x");
        assertThat(peers.link.accepted()).isEqualTo(2);
    }

    @Test
    void heldBytesArriveWholeAndTheEndAfterThem() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        Fault holding = peers.link.hold(TO_SERVER);

        send(client, "one ");
        send(client, "two");
        client.close();
        assertNothingComes(server);
        holding.close();

        assertThat(rest(server)).asString().isEqualTo("one two");
    }

    @Test
    void whatIsHeldInOneDirectionPassesInTheOther() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        peers.link.hold(TO_SERVER);

        send(client, "held");
        send(server, "passes");

        assertThat(receive(client, 6)).isEqualTo("passes");
        assertNothingComes(server);
        peers.link.heal();
        assertThat(receive(server, 4)).isEqualTo("held");
    }

    @Test
    void aConnectionThatLostBytesNeverRecoversAndOneThatLostNoneDoes() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        Socket quiet = peers.connect();
        Socket quietAtServer = peers.accept();

        Fault swallowing = peers.link.swallow();
        send(client, "lost");
        await().until(() -> peers.link.lostBytes(TO_SERVER) == 4);
        swallowing.close();
        send(client, "lost too");
        send(quiet, "kept");

        assertThat(receive(quietAtServer, 4)).isEqualTo("kept");
        assertNothingComes(server);
    }

    @Test
    void oneDirectionCanBeSwallowedAlone() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();

        peers.link.swallow(TO_CLIENT);
        send(server, "lost");
        send(client, "passes");

        assertThat(receive(server, 6)).isEqualTo("passes");
        assertNothingComes(client);
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void aDelayIsAtLeastWhatWasAskedFor(Direction direction) throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        peers.link.delay(direction, Duration.ofMillis(300));
        long start = System.nanoTime();

        send(direction == TO_SERVER ? client : server, "late");

        assertThat(receive(direction == TO_SERVER ? server : client, 4)).isEqualTo("late");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void undoingADelayLetsWhatIsUnderWayArrive() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        Fault delaying = peers.link.delay(TO_SERVER, Duration.ofHours(1));
        send(client, "late");
        assertNothingComes(server);

        delaying.close();

        assertThat(receive(server, 4)).isEqualTo("late");
    }

    @Test
    void aThrottledDirectionTakesItsTimeAndLosesNothing() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        peers.link.throttle(TO_SERVER, 10_000);
        long start = System.nanoTime();

        send(client, new byte[4_000]);
        client.shutdownOutput();

        assertThat(rest(server)).hasSize(4_000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(350));
    }

    @Test
    void moreThanTheLinkQueuesPassesWhole() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        byte[] much = new byte[8 * Pipe.MAX_QUEUED];
        Fault holding = peers.link.hold(TO_SERVER);
        Thread sender = new Thread(() -> {
            try {
                send(client, much);
                client.shutdownOutput();
            } catch (IOException e) {
                // What the server has got says it.
                return;
            }
        });
        sender.start();

        holding.close();

        assertThat(rest(server)).hasSize(much.length);
        sender.join(LinkPeers.PATIENCE_MILLIS);
    }

    @Test
    void closingTwiceAndUndoingAfterwardsIsHarmless() {
        Fault refusing = peers.link.refuse();
        Fault holding = peers.link.hold(TO_CLIENT);

        peers.link.close();
        peers.link.close();
        refusing.close();
        holding.close();

        assertThatThrownBy(peers::connect).isInstanceOf(ConnectException.class);
    }

    private static void assertNothingComes(Socket socket) throws IOException {
        int patience = socket.getSoTimeout();
        socket.setSoTimeout(MOMENT_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(patience);
    }
}
