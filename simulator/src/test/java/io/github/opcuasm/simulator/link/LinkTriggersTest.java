package io.github.opcuasm.simulator.link;

import static io.github.opcuasm.simulator.link.Direction.TO_CLIENT;
import static io.github.opcuasm.simulator.link.Direction.TO_SERVER;
import static io.github.opcuasm.simulator.link.LinkPeers.chunk;
import static io.github.opcuasm.simulator.link.LinkPeers.rest;
import static io.github.opcuasm.simulator.link.LinkPeers.send;
import static io.github.opcuasm.simulator.link.MessageType.HEL;
import static io.github.opcuasm.simulator.link.MessageType.MSG;
import static io.github.opcuasm.simulator.link.MessageType.OPN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a link does at a moment of one connection. */
final class LinkTriggersTest {
    private LinkPeers peers;

    @BeforeEach
    void connect() throws IOException {
        peers = new LinkPeers();
    }

    @AfterEach
    void close() throws IOException {
        peers.close();
    }

    @ParameterizedTest
    @CsvSource({"BEFORE,128", "WITHIN,182", "AFTER,228"})
    void aConnectionEndsAtTheChosenChunkAndNowhereElse(Passage.Moment moment, int bytesThatPass) throws Exception {
        Trigger trigger = peers.link.breakAt(new Passage(TO_SERVER, MSG, 2, moment), Ending.CLOSE);
        Socket client = peers.connect();
        Socket server = peers.accept();

        send(client, chunk(HEL, 28, 'h'), chunk(OPN, 50, 'o'), chunk(MSG, 50, 'a'), chunk(MSG, 100, 'b'));
        sendUntilBroken(client, chunk(MSG, 60, 'c'));

        assertThat(rest(server)).hasSize(bytesThatPass).doesNotContain('c');
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        await().until(trigger::hasFired);
    }

    @Test
    void chunksAreFoundHoweverTheirBytesAreCut() throws Exception {
        Trigger trigger = peers.link.breakAt(Passage.after(TO_SERVER, OPN, 1), Ending.CLOSE);
        Socket client = peers.connect();
        client.setTcpNoDelay(true);
        Socket server = peers.accept();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(chunk(HEL, 28, 'h'));
        stream.writeBytes(chunk(OPN, 9, 'o'));

        for (byte each : stream.toByteArray()) {
            send(client, new byte[] {each});
        }

        assertThat(rest(server)).isEqualTo(stream.toByteArray());
        assertThat(trigger.hasFired()).isTrue();
    }

    @Test
    void eachConnectionIsCountedByItselfAndTheTriggerFiresOnce() throws Exception {
        Trigger trigger = peers.link.breakAt(Passage.before(TO_CLIENT, MSG, 2), Ending.RESET);
        Socket first = peers.connect();
        Socket firstAtServer = peers.accept();
        send(firstAtServer, chunk(MSG, 20, 'a'));
        assertThat(first.getInputStream().readNBytes(20)).hasSize(20);
        Socket second = peers.connect();
        Socket secondAtServer = peers.accept();
        send(secondAtServer, chunk(MSG, 20, 'a'));
        assertThat(second.getInputStream().readNBytes(20)).hasSize(20);
        assertThat(trigger.hasFired()).isFalse();

        send(secondAtServer, chunk(MSG, 20, 'b'));
        assertThatThrownBy(() -> second.getInputStream().read()).isInstanceOf(SocketException.class);
        send(firstAtServer, chunk(MSG, 20, 'b'));

        assertThat(first.getInputStream().readNBytes(20)).hasSize(20);
        assertThat(trigger.hasFired()).isTrue();
    }

    @Test
    void aConnectionCanFallSilentAtAChunk() throws Exception {
        Trigger trigger = peers.link.breakAt(Passage.after(TO_SERVER, HEL, 1), Ending.SILENCE);
        Socket client = peers.connect();
        Socket server = peers.accept();

        send(client, chunk(HEL, 28, 'h'));
        assertThat(server.getInputStream().readNBytes(28)).hasSize(28);
        send(server, chunk(MSG, 20, 'a'));
        client.setSoTimeout(200);

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        assertThat(trigger.hasFired()).isTrue();
        assertThat(peers.link.connections()).isEqualTo(1);
    }

    @Test
    void aDisarmedTriggerDoesNothing() throws Exception {
        Trigger trigger = peers.link.breakAt(Passage.before(TO_SERVER, HEL, 1), Ending.RESET);
        trigger.close();
        Socket client = peers.connect();
        Socket server = peers.accept();

        send(client, chunk(HEL, 28, 'h'));

        assertThat(server.getInputStream().readNBytes(28)).hasSize(28);
        assertThat(trigger.hasFired()).isFalse();
    }

    @Test
    void aTruncatedStreamEndsWithItsLastByte() throws Exception {
        Socket client = peers.connect();
        Socket server = peers.accept();
        Trigger trigger = peers.link.truncate(TO_SERVER, 33, Ending.CLOSE);

        send(client, chunk(HEL, 28, 'h'), chunk(OPN, 50, 'o'));

        assertThat(rest(server)).hasSize(33);
        assertThat(trigger.hasFired()).isTrue();
    }

    @Test
    void whatFollowsBytesThatAreNoChunkPassesUncounted() throws Exception {
        Trigger trigger = peers.link.breakAt(Passage.before(TO_SERVER, MSG, 1), Ending.RESET);
        Socket client = peers.connect();
        Socket server = peers.accept();

        send(client, "nonsense");
        send(client, chunk(MSG, 20, 'a'));

        assertThat(server.getInputStream().readNBytes(28)).hasSize(28);
        assertThat(trigger.hasFired()).isFalse();
    }

    /** The link may have ended the connection by now. */
    private static void sendUntilBroken(Socket socket, byte[] bytes) {
        try {
            send(socket, bytes);
        } catch (IOException e) {
            assertThat(e).isInstanceOf(SocketException.class);
        }
    }
}
