package io.github.opcuasm.daemon.opcua;

import static io.github.opcuasm.daemon.opcua.ScriptedServer.encoded;
import static io.github.opcuasm.daemon.opcua.ScriptedServer.header;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A channel to a server whose answers make no sense. */
final class UndecodableAnswerTest {
    /** ReadResponse, i=634, with an empty good header before the results. */
    private static final String READ_RESPONSE = "01007a02 0000000000000000 00000000 00000000 00 ffffffff 000000";

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final EventLoop loop = loops.next();
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new Random(1), 1 << 24);
    private ScriptedServer server;
    private UascChannel channel;

    @BeforeEach
    void open() throws Exception {
        server = new ScriptedServer();
        channel = new UascChannel(transport, loop, () -> {});
        ChannelSettings settings =
                ChannelSettings.plain(EndpointUrl.parse(server.url()), Duration.ofSeconds(60), AddressFilter.ALL);
        CompletableFuture.supplyAsync(() -> channel.open(settings), loop)
                .thenCompose(opening -> opening)
                .get(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        loop.execute(() -> channel.abort(new UaException(StatusCodes.Bad_ConnectionClosed, "test")));
        channel.closed().get(60, TimeUnit.SECONDS);
        server.close();
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                READ_RESPONSE + "ffffff7f", // 2^31 - 1 results
                READ_RESPONSE + "01000000 01 0c ffffff7f 61", // a String as long
                READ_RESPONSE + "01000000 01 0c ffff0f00 61", // one of 1 MiB, which a message could hold
                READ_RESPONSE + "01000000 01 86 ffffff7f", // an array as long
                READ_RESPONSE + "01000000 01 18 01 01", // a Variant in a Variant
                READ_RESPONSE + "01000000 01 20", // type 32
                READ_RESPONSE, // no results
                "01007a02", // no header
                "0100ff7f", // a type that there is not
                "01002701", // a type that is no message
                "01007702", // a request
                "ff", // no type
                "", // nothing
            })
    void failsItsRequestAndNothingElse(String hex) throws Exception {
        server.willAnswer(bytes(hex));
        server.willAnswer(encoded(goodAnswer()));

        RecordedReply undecodable = read();
        RecordedReply next = read();

        UaException fault = undecodable.fault.get(60, TimeUnit.SECONDS);
        assertThat(fault.getStatusCode().value()).isEqualTo(StatusCodes.Bad_DecodingError);
        assertThat(valueOf(next)).isEqualTo("good");
    }

    @Test
    void ofDeepNestingFailsItsRequestAndNothingElse() throws Exception {
        server.willAnswer(bytes(READ_RESPONSE + "01000000 01" + "98 01000000".repeat(10_000)));
        server.willAnswer(encoded(goodAnswer()));

        RecordedReply undecodable = read();
        RecordedReply next = read();

        assertThat(undecodable.fault.get(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(valueOf(next)).isEqualTo("good");
    }

    @Test
    void typedNullsArriveOnTheWayIn() throws Exception {
        server.willAnswer(bytes(READ_RESPONSE + "01000000 01 8b ffffffff ffffffff"));

        RecordedReply reply = read();

        assertThat(valueOf(reply)).isEqualTo(new TypedNull(BuiltinType.DOUBLE, true));
    }

    // The strings of later messages are measured against their own bytes, however reads fall.
    @Test
    void longAnswersAreReadInFull() throws Exception {
        String text = "x".repeat(60_000);
        ReadResponse longAnswer = answer(text);
        for (int i = 0; i < 20; i++) {
            server.willAnswer(encoded(i % 2 == 0 ? longAnswer : goodAnswer()));
        }

        RecordedReply[] replies = new RecordedReply[20];
        Arrays.setAll(replies, i -> read());

        for (int i = 0; i < 20; i++) {
            assertThat(valueOf(replies[i])).isEqualTo(i % 2 == 0 ? text : "good");
        }
    }

    private RecordedReply read() {
        RecordedReply reply = new RecordedReply();
        RequestHeader header = new RequestHeader(
                NodeId.NULL_VALUE, DateTime.now(), UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
        ReadRequest request = new ReadRequest(header, 0.0, TimestampsToReturn.Neither, new ReadValueId[0]);
        loop.execute(() -> channel.send(request, reply));
        return reply;
    }

    private static ReadResponse goodAnswer() {
        return answer("good");
    }

    private static ReadResponse answer(String text) {
        return new ReadResponse(header(), new DataValue[] {DataValue.valueOnly(new Variant(text))}, null);
    }

    private static @Nullable Object valueOf(RecordedReply reply) throws Exception {
        ReadResponse response = (ReadResponse) reply.response.get(60, TimeUnit.SECONDS);
        return response.getResults()[0].value().value();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
