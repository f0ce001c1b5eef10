package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.opcua.ScriptedServer.CHANNEL_ID;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.NO_SECURITY;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.TOKEN_ID;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.acknowledgeOf;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.chunk;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.encoded;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.error;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.errorBody;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.frame;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.header;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.message;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.openChannel;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.opened;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.ServiceFault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Servers that do what Part 6 forbids, on channels without security. No buffer may be lost on the way. */
final class ChannelViolationsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MAX_MESSAGE = 1 << 20;
    private static final byte[] NOTHING = {};
    private static final byte[] GOOD =
            encoded(new ReadResponse(header(), new DataValue[] {DataValue.valueOnly(new Variant("good"))}, null));

    private static ResourceLeakDetector.Level levelBefore = ResourceLeakDetector.getLevel();
    private static final ListAppender<ILoggingEvent> LEAKS = new ListAppender<>();

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final EventLoop loop = loops.next();
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), MAX_MESSAGE);
    private final UascChannel channel = new UascChannel(transport, loop, () -> {});
    private ScriptedServer server;

    /** @param says part of the message that the caller gets */
    private record Violation(String name, Consumer<ScriptedServer> script, long status, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void watchForLeaks() {
        levelBefore = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        LEAKS.start();
        leakLogger().addAppender(LEAKS);
    }

    @AfterAll
    static void nothingLeaked() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            // Netty looks for what was lost when something new is allocated.
            PooledByteBufAllocator.DEFAULT.buffer().release();
        }
        ResourceLeakDetector.setLevel(levelBefore);
        leakLogger().detachAppender(LEAKS);
        assertThat(LEAKS.list).isEmpty();
    }

    private static Logger leakLogger() {
        return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    }

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
    }

    @AfterEach
    void close() throws Exception {
        loop.execute(() -> channel.abort(new UaException(StatusCodes.Bad_ConnectionClosed, "test")));
        channel.closed().get(60, TimeUnit.SECONDS);
        server.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    static Stream<Violation> whileOpening() {
        return Stream.of(
                new Violation(
                        "a short Acknowledge",
                        server -> server.acknowledgesWith(
                                frame("ACKF", Unpooled.buffer().writeIntLE(0))),
                        StatusCodes.Bad_DecodingError,
                        "too short"),
                new Violation(
                        "buffers that are too small",
                        server -> server.acknowledgesWith(frame("ACKF", acknowledgeOf(8191))),
                        StatusCodes.Bad_ConnectionRejected,
                        "8191"),
                new Violation(
                        "an Error",
                        server -> server.acknowledgesWith(error(StatusCodes.Bad_TcpServerTooBusy, "come back later")),
                        StatusCodes.Bad_TcpServerTooBusy,
                        "come back later"),
                new Violation(
                        "an Error without a reason",
                        server -> server.acknowledgesWith(
                                frame("ERRF", Unpooled.buffer().writeIntLE((int) StatusCodes.Bad_Shutdown))),
                        StatusCodes.Bad_Shutdown,
                        "the server"),
                new Violation(
                        "an Error whose reason is longer than it",
                        server -> server.acknowledgesWith(frame(
                                "ERRF",
                                Unpooled.buffer()
                                        .writeIntLE((int) StatusCodes.Bad_Shutdown)
                                        .writeIntLE(Integer.MAX_VALUE)
                                        .writeByte('x'))),
                        StatusCodes.Bad_Shutdown,
                        "x"),
                new Violation(
                        "a huge Acknowledge",
                        server -> server.acknowledgesWith(longFrame("ACKF", 70_000)),
                        StatusCodes.Bad_TcpMessageTooLarge,
                        "70000"),
                new Violation(
                        "a chunk shorter than its header",
                        server -> server.acknowledgesWith(longFrame("ACKF", 7)),
                        StatusCodes.Bad_DecodingError,
                        "7 bytes"),
                new Violation(
                        "a message before the Acknowledge",
                        server -> server.acknowledgesWith(message(1, 1, GOOD)),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "MSG"),
                new Violation(
                        "what is no OPC UA",
                        server -> server.acknowledgesWith(longFrame("\u0001\u0002\u0003\u0004", 8)),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "not one that is known"),
                new Violation(
                        "another policy",
                        opens((sequence, id) -> openChannel(NO_SECURITY + "256", sequence, id)),
                        StatusCodes.Bad_SecurityChecksFailed,
                        "another security policy"),
                new Violation(
                        "a truncated OpenSecureChannel",
                        opens((sequence, id) -> frame("OPNF", Unpooled.buffer().writeIntLE(CHANNEL_ID))),
                        StatusCodes.Bad_DecodingError,
                        "too short"),
                new Violation(
                        "an OpenSecureChannel in several chunks",
                        opens((sequence, id) -> {
                            byte[] chunk = openChannel(NO_SECURITY, sequence, id);
                            chunk[3] = 'C';
                            return chunk;
                        }),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "not one final chunk"),
                new Violation(
                        "an undecodable OpenSecureChannel",
                        opens((sequence, id) -> openChannel(NO_SECURITY, sequence, id, new byte[] {1, 0, 'x'})),
                        StatusCodes.Bad_DecodingError,
                        ""),
                new Violation(
                        "another service's answer",
                        opens((sequence, id) -> openChannel(NO_SECURITY, sequence, id, GOOD)),
                        StatusCodes.Bad_UnknownResponse,
                        "ReadResponse"),
                new Violation(
                        "another request's answer",
                        opens((sequence, id) -> openChannel(NO_SECURITY, sequence, id + 1)),
                        StatusCodes.Bad_SecurityChecksFailed,
                        "not sent"),
                new Violation(
                        "the channel 0",
                        opens((sequence, id) -> openChannel(NO_SECURITY, sequence, id, opened(0, 1, 60_000))),
                        StatusCodes.Bad_SecureChannelIdInvalid,
                        "channel 0"),
                new Violation(
                        "a token for a moment",
                        opens((sequence, id) -> openChannel(NO_SECURITY, sequence, id, opened(CHANNEL_ID, 1, 10))),
                        StatusCodes.Bad_SecureChannelTokenUnknown,
                        "10 ms"));
    }

    @ParameterizedTest
    @MethodSource("whileOpening")
    void failsTheAttempt(Violation violation) {
        violation.script().accept(server);

        UaException failure = openingFailure(LONG);

        assertThat(failure.getStatusCode().value()).isEqualTo(violation.status());
        assertThat(failure).hasMessageContaining(violation.says());
    }

    @Test
    void aFaultFailsTheAttempt() {
        ResponseHeader refused = new ResponseHeader(
                DateTime.now(), UInteger.MIN, new StatusCode(StatusCodes.Bad_SecurityModeRejected), null, null, null);
        server.opensWith((sequence, id) -> openChannel(NO_SECURITY, sequence, id, encoded(new ServiceFault(refused))));

        UaException failure = openingFailure(LONG);

        assertThat(failure).isInstanceOf(UaServiceFaultException.class);
        assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_SecurityModeRejected);
    }

    @Test
    void silenceAfterHelloEndsWithTheStep() {
        server.acknowledgesWith(NOTHING);

        UaException failure = openingFailure(Duration.ofMillis(200));

        assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure).hasMessageContaining("Acknowledge");
    }

    @Test
    void silenceAfterOpenSecureChannelEndsWithTheStep() {
        server.opensWith((sequence, id) -> NOTHING);

        UaException failure = openingFailure(Duration.ofMillis(200));

        assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_Timeout);
        assertThat(failure).hasMessageContaining("OpenSecureChannel");
    }

    @Test
    void aForbiddenAddressIsNotConnectedTo() {
        CommandException refusal = new CommandException(ErrorType.ACCESS_DENIED, "not there");
        AddressFilter none = new AddressFilter() {
            @Override
            public void check(EndpointUrl url, InetAddress address) {
                throw refusal;
            }

            @Override
            public String key() {
                return "none";
            }
        };

        CompletableFuture<UascChannel> opening = open(LONG, none);

        assertThatThrownBy(() -> opening.get(60, TimeUnit.SECONDS)).hasCause(refusal);
        assertThat(server.connections()).isZero();
    }

    static Stream<Violation> whileOpen() {
        return Stream.of(
                new Violation(
                        "another channel",
                        answers((sequence, id) -> chunk("MSGF", CHANNEL_ID + 1, TOKEN_ID, sequence, id, GOOD)),
                        StatusCodes.Bad_SecureChannelIdInvalid,
                        "channel 8"),
                new Violation(
                        "another token",
                        answers((sequence, id) -> chunk("MSGF", CHANNEL_ID, TOKEN_ID + 1, sequence, id, GOOD)),
                        StatusCodes.Bad_SecureChannelTokenUnknown,
                        "token 2"),
                new Violation(
                        "a sequence number that was left out",
                        answers((sequence, id) -> message(sequence + 1, id, GOOD)),
                        StatusCodes.Bad_SecurityChecksFailed,
                        "sequence number 3"),
                new Violation(
                        "a sequence number that came already",
                        answers((sequence, id) -> message(sequence - 1, id, GOOD)),
                        StatusCodes.Bad_SecurityChecksFailed,
                        "sequence number 1"),
                new Violation(
                        "a huge chunk",
                        answers((sequence, id) -> longFrame("MSGF", 65_536)),
                        StatusCodes.Bad_TcpMessageTooLarge,
                        "65536"),
                new Violation(
                        "a truncated chunk",
                        answers((sequence, id) ->
                                frame("MSGF", Unpooled.buffer().writeIntLE(CHANNEL_ID))),
                        StatusCodes.Bad_DecodingError,
                        "truncated"),
                new Violation(
                        "a chunk of no kind",
                        answers((sequence, id) -> chunk("MSGX", CHANNEL_ID, TOKEN_ID, sequence, id, GOOD)),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "neither final"),
                new Violation(
                        "an Acknowledge",
                        answers((sequence, id) -> frame("ACKF", acknowledgeOf(65_535))),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "ACK"),
                new Violation(
                        "a token that nobody asked for",
                        answers((sequence, id) -> openChannel(NO_SECURITY, sequence, id)),
                        StatusCodes.Bad_TcpMessageTypeInvalid,
                        "OPN"),
                new Violation(
                        "an Error",
                        answers((sequence, id) -> error(StatusCodes.Bad_Shutdown, "good night")),
                        StatusCodes.Bad_Shutdown,
                        "good night"),
                new Violation(
                        "a message between the chunks of another",
                        answers(
                                2,
                                (sequence, id) -> joined(
                                        chunk("MSGC", CHANNEL_ID, TOKEN_ID, sequence, id, GOOD),
                                        message(sequence + 1, id + 1, GOOD))),
                        StatusCodes.Bad_SecurityChecksFailed,
                        "between the chunks"),
                new Violation(
                        "more chunks than agreed",
                        answers(100, (sequence, id) -> chunks(100, sequence, id, new byte[1])),
                        StatusCodes.Bad_TcpMessageTooLarge,
                        "chunks"),
                new Violation(
                        "more bytes than agreed",
                        answers(20, (sequence, id) -> chunks(20, sequence, id, new byte[65_000])),
                        StatusCodes.Bad_TcpMessageTooLarge,
                        "1048576 bytes"));
    }

    @ParameterizedTest
    @MethodSource("whileOpen")
    void endsTheChannel(Violation violation) throws Exception {
        violation.script().accept(server);
        open(LONG, AddressFilter.ALL).get(60, TimeUnit.SECONDS);

        UaException failure = read().closed.get(60, TimeUnit.SECONDS);

        assertThat(failure.getStatusCode().value()).isEqualTo(violation.status());
        assertThat(failure).hasMessageContaining(violation.says());
        assertThat(channel.closed().get(60, TimeUnit.SECONDS)).isSameAs(channel);
    }

    @Test
    void anAbortedMessageFailsItsRequestOnly() throws Exception {
        server.willSend(
                2,
                (sequence, id) -> joined(
                        chunk("MSGC", CHANNEL_ID, TOKEN_ID, sequence, id, GOOD),
                        frame(
                                "MSGA",
                                Unpooled.buffer()
                                        .writeIntLE(CHANNEL_ID)
                                        .writeIntLE(TOKEN_ID)
                                        .writeIntLE(sequence + 1)
                                        .writeIntLE(id)
                                        .writeBytes(errorBody(StatusCodes.Bad_ResponseTooLarge, "too much")))));
        server.willSend(1, (sequence, id) -> message(sequence, id, GOOD));
        open(LONG, AddressFilter.ALL).get(60, TimeUnit.SECONDS);

        UaException fault = read().fault.get(60, TimeUnit.SECONDS);
        Object next = valueOf(read());

        assertThat(fault.getStatusCode().value()).isEqualTo(StatusCodes.Bad_ResponseTooLarge);
        assertThat(fault).hasMessageContaining("too much");
        assertThat(next).isEqualTo("good");
    }

    @Test
    void bytesOneByOneAreTheSameMessages() throws Exception {
        server.trickles();
        server.willSend(1, (sequence, id) -> message(sequence, id, GOOD));
        server.willSend(GOOD.length, (sequence, id) -> chunkPerByte(sequence, id));
        open(LONG, AddressFilter.ALL).get(60, TimeUnit.SECONDS);

        Object whole = valueOf(read());

        assertThat(whole).isEqualTo("good");
    }

    @Test
    void aMessageOfManyChunksIsPutTogether() throws Exception {
        server.willSend(GOOD.length, (sequence, id) -> chunkPerByte(sequence, id));
        server.willSend(1, (sequence, id) -> message(sequence, id, GOOD));
        OpcUaTransport roomy = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1 << 24);
        UascChannel reading = new UascChannel(roomy, loop, () -> {});
        open(reading, LONG, AddressFilter.ALL).get(60, TimeUnit.SECONDS);

        Object many = valueOf(read(reading));
        Object one = valueOf(read(reading));

        assertThat(many).isEqualTo("good");
        assertThat(one).isEqualTo("good");
        loop.execute(() -> reading.abort(new UaException(StatusCodes.Bad_ConnectionClosed, "test")));
        reading.closed().get(60, TimeUnit.SECONDS);
        roomy.close();
    }

    @Test
    void requestsOfOneTurnLeaveTogetherAndInOrder() throws Exception {
        for (int i = 0; i < 20; i++) {
            byte[] body =
                    encoded(new ReadResponse(header(), new DataValue[] {DataValue.valueOnly(new Variant(i))}, null));
            server.willSend(1, (sequence, id) -> message(sequence, id, body));
        }
        open(LONG, AddressFilter.ALL).get(60, TimeUnit.SECONDS);
        RecordedReply[] replies = new RecordedReply[20];
        Arrays.setAll(replies, i -> new RecordedReply());

        loop.execute(() -> {
            for (RecordedReply reply : replies) {
                channel.send(request(), reply);
            }
        });

        for (int i = 0; i < 20; i++) {
            assertThat(valueOf(replies[i])).isEqualTo(i);
        }
    }

    private static Consumer<ScriptedServer> opens(ScriptedServer.Answer answer) {
        return server -> server.opensWith(answer);
    }

    private static Consumer<ScriptedServer> answers(ScriptedServer.Answer answer) {
        return answers(1, answer);
    }

    private static Consumer<ScriptedServer> answers(int chunks, ScriptedServer.Answer answer) {
        return server -> server.willSend(chunks, answer);
    }

    /** A header that claims so many bytes. */
    private static byte[] longFrame(String kind, int length) {
        ByteBuf frame = Unpooled.wrappedBuffer(frame(kind, Unpooled.buffer().writeLong(0)));
        frame.setIntLE(4, length);
        return frame.array();
    }

    /** As many chunks, none of which is the last. */
    private static byte[] chunks(int count, int sequence, int requestId, byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(chunk("MSGC", CHANNEL_ID, TOKEN_ID, sequence + i, requestId, body));
        }
        return all.toByteArray();
    }

    private static byte[] chunkPerByte(int sequence, int requestId) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < GOOD.length; i++) {
            String kind = i + 1 < GOOD.length ? "MSGC" : "MSGF";
            all.writeBytes(chunk(kind, CHANNEL_ID, TOKEN_ID, sequence + i, requestId, new byte[] {GOOD[i]}));
        }
        return all.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private UaException openingFailure(Duration stepTimeout) {
        CompletableFuture<UascChannel> opening = open(stepTimeout, AddressFilter.ALL);
        try {
            opening.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(UaException.class);
            return (UaException) Objects.requireNonNull(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it was opened");
    }

    private CompletableFuture<UascChannel> open(Duration stepTimeout, AddressFilter addresses) {
        return open(channel, stepTimeout, addresses);
    }

    private CompletableFuture<UascChannel> open(UascChannel channel, Duration stepTimeout, AddressFilter addresses) {
        ChannelSettings settings = ChannelSettings.plain(EndpointUrl.parse(server.url()), stepTimeout, addresses);
        return CompletableFuture.supplyAsync(() -> channel.open(settings), loop).thenCompose(opening -> opening);
    }

    private RecordedReply read() {
        return read(channel);
    }

    private RecordedReply read(UascChannel channel) {
        RecordedReply reply = new RecordedReply();
        loop.execute(() -> channel.send(request(), reply));
        return reply;
    }

    private static ReadRequest request() {
        RequestHeader header = new RequestHeader(
                NodeId.NULL_VALUE, DateTime.now(), UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
        return new ReadRequest(header, 0.0, TimestampsToReturn.Neither, new ReadValueId[0]);
    }

    private static Object valueOf(RecordedReply reply) throws Exception {
        ReadResponse response = (ReadResponse) reply.response.get(60, TimeUnit.SECONDS);
        return Objects.requireNonNull(response.getResults()[0].value().value());
    }
}
