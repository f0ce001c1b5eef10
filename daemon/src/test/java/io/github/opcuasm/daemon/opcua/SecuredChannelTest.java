package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import java.security.KeyPair;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Secured channels to a server whose cryptography is not ours: Milo's, on Bouncy Castle where the JDK has no such names.
 */
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class SecuredChannelTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

    private static final Map<Integer, Identity> LONG_KEYS = new HashMap<>();

    private static Identity us;
    private static Identity server;
    private static Identity stranger;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final EventLoop loop = loops.next();
    private final OpcUaTransport transport = new OpcUaTransport(loops, Ticker.SYSTEM, new RenewsEarly(), 1 << 24);
    private final UascChannel channel = new UascChannel(transport, loop, () -> {});

    private record Identity(KeyPair keys, X509Certificate certificate) {
        static Identity of(String name, int bits) throws Exception {
            KeyPair keys = SelfSignedCertificateGenerator.generateRsaKeyPair(bits);
            X509Certificate certificate = new SelfSignedCertificateBuilder(keys)
                    .setCommonName(name)
                    .setApplicationUri("urn:" + name)
                    .build();
            return new Identity(keys, certificate);
        }

        KeyMaterial material() {
            return new KeyMaterial(
                    List.of(certificate),
                    keys.getPrivate(),
                    certificate.getSerialNumber().toString());
        }
    }

    /** The chance by which a token is renewed as early as it ever is, and the server has longest to do so. */
    private static final class RenewsEarly implements RandomGenerator {
        @Override
        public long nextLong() {
            return 0;
        }
    }

    /** How a channel is secured. */
    private record Protection(SecurityPolicy policy, MessageSecurityMode mode) {}

    @BeforeAll
    static void makeCertificates() throws Exception {
        // For the server's end only.
        Security.addProvider(BOUNCY_CASTLE);
        us = Identity.of("client", 2048);
        server = Identity.of("server", 2048);
        stranger = Identity.of("stranger", 2048);
    }

    @AfterAll
    static void removeProvider() {
        Security.removeProvider(BOUNCY_CASTLE.getName());
    }

    @AfterEach
    void close() throws Exception {
        loop.execute(() -> channel.abort(new UaException(StatusCodes.Bad_ConnectionClosed, "test")));
        channel.closed().get(60, TimeUnit.SECONDS);
        transport.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    static Stream<Protection> secured() {
        return Stream.of(
                        SecurityPolicy.Basic128Rsa15,
                        SecurityPolicy.Basic256,
                        SecurityPolicy.Basic256Sha256,
                        SecurityPolicy.Aes128_Sha256_RsaOaep,
                        SecurityPolicy.Aes256_Sha256_RsaPss)
                .flatMap(policy -> Stream.of(MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt)
                        .map(mode -> new Protection(policy, mode)));
    }

    @ParameterizedTest
    @MethodSource("secured")
    void messagesOfAnyLengthGoBothWays(Protection security) throws Exception {
        try (SecuredServer peer = server(security)) {
            open(peer, security, server.certificate()).get(60, TimeUnit.SECONDS);

            for (int length : new int[] {1, 15, 16, 17, 8_000, 65_400, 65_500, 200_000, 5_000_000}) {
                byte[] bytes = new byte[length];
                new Random(length).nextBytes(bytes);
                assertThat(bytesOf(write(bytes))).isEqualTo(bytes);
            }
        }
    }

    // With blocks of more than 256 bytes, the size of the padding has two.
    @ParameterizedTest
    @CsvSource({"4096,2048", "2048,4096", "4096,3072"})
    void keysMayHaveAnyLength(int ourBits, int theirBits) throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        Identity client = ofBits(ourBits, us);
        Identity other = ofBits(theirBits, server);
        try (SecuredServer peer = server(other, security)) {
            open(peer, client, security, other.certificate()).get(60, TimeUnit.SECONDS);

            assertThat(bytesOf(write(new byte[] {1, 2, 3}))).containsExactly(1, 2, 3);
        }
    }

    /** Longer keys take seconds to make: both ends use the same one. */
    private static Identity ofBits(int bits, Identity usual) throws Exception {
        if (bits == 2048) {
            return usual;
        }
        Identity made = LONG_KEYS.get(bits);
        if (made == null) {
            made = Identity.of("long" + bits, bits);
            LONG_KEYS.put(bits, made);
        }
        return made;
    }

    // All at once: how soon a renewal is answered on a machine that has other things to do is anybody's guess.
    @Test
    void nothingIsLostWhileTokensAreRenewed() throws Exception {
        ExecutorService callers = Executors.newCachedThreadPool();
        try {
            List<Future<?>> traffic = new ArrayList<>();
            secured()
                    .forEach(security -> traffic.add(callers.submit(() -> {
                        keepWriting(security, 3);
                        return null;
                    })));

            for (Future<?> each : traffic) {
                each.get(120, TimeUnit.SECONDS);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    /**
     * Until the server has issued so many tokens. They last some seconds; where that is too short for this machine to answer
     * a renewal, twice as long.
     */
    private void keepWriting(Protection security, int tokens) throws Exception {
        int lifetimeMs = 6_000;
        while (!isRenewedInTime(security, tokens, lifetimeMs)) {
            lifetimeMs *= 2;
            assertThat(lifetimeMs).as("lifetime of a token").isLessThan(30_000);
        }
    }

    /** Has eight requests under way; none may fail while the channel has a token. */
    private boolean isRenewedInTime(Protection security, int tokens, int lifetimeMs) throws Exception {
        UascChannel busy = new UascChannel(transport, loop, () -> {});
        try (SecuredServer peer = server(security)) {
            peer.lifetime(lifetimeMs);
            open(busy, peer, us, security, server.certificate()).get(60, TimeUnit.SECONDS);
            Deque<RecordedReply> underWay = new ArrayDeque<>();
            int sent = 0;
            while (peer.tokens.get() < tokens || sent % 8 != 0) {
                underWay.add(write(busy, new byte[] {(byte) sent++}));
                if (underWay.size() == 8) {
                    assertThat(bytesOf(underWay.remove())).containsExactly((byte) (sent - 8));
                }
            }
            while (!underWay.isEmpty()) {
                assertThat(bytesOf(underWay.remove())).hasSize(1);
            }
            return true;
        } catch (ExecutionException e) {
            if (String.valueOf(e.getCause()).contains("the security token expired")) {
                return false;
            }
            throw e;
        } finally {
            loop.execute(() -> busy.abort(new UaException(StatusCodes.Bad_ConnectionClosed, "test")));
        }
    }

    @Test
    void aTokenThatIsNotRenewedEndsTheChannel() throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        try (SecuredServer peer = server(security)) {
            peer.lifetime((int) OpenSecureChannel.SHORTEST_LIFETIME_MS);
            peer.renewsNothing();
            open(peer, security, server.certificate()).get(60, TimeUnit.SECONDS);

            channel.closed().get(60, TimeUnit.SECONDS);

            assertThat(channel.closeReason()).contains("expired");
        }
    }

    @Test
    void anotherCertificateInTheAnswerFailsTheAttempt() throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        try (SecuredServer peer = server(security)) {
            CompletableFuture<UascChannel> opening = open(peer, security, stranger.certificate());

            // The request was encrypted for the other certificate: the server cannot so much as read it.
            assertThat(failureOf(opening)).isNotNull();
        }
    }

    @Test
    void theAnswerMustNameOurServersCertificate() throws Exception {
        refusesOpening(
                peer -> peer.spoilsOpening(chunk -> replaced(chunk, server.certificate(), stranger.certificate())),
                StatusCodes.Bad_SecurityChecksFailed,
                "another certificate");
    }

    @Test
    void theAnswerMustBeEncryptedForUs() throws Exception {
        refusesOpening(
                peer -> peer.encryptsFor(stranger.certificate()),
                StatusCodes.Bad_SecurityChecksFailed,
                "for another certificate");
    }

    @Test
    void theAnswersPolicyMustBeOurs() throws Exception {
        refusesOpening(
                peer -> peer.spoilsOpening(chunk -> ScriptedServer.openChannel(ScriptedServer.NO_SECURITY, 1, 1)),
                StatusCodes.Bad_SecurityChecksFailed,
                "another security policy");
    }

    @Test
    void theAnswersSignatureMustHold() throws Exception {
        refusesOpening(
                peer -> peer.spoilsOpening(chunk -> {
                    // In what is signed, and not encrypted.
                    chunk[8] ^= 1;
                    return chunk;
                }),
                StatusCodes.Bad_SecurityChecksFailed,
                "signature");
    }

    @Test
    void encryptedBytesMustNotBeTouched() throws Exception {
        refusesOpening(
                peer -> peer.spoilsOpening(chunk -> {
                    chunk[chunk.length - 1] ^= 1;
                    return chunk;
                }),
                StatusCodes.Bad_SecurityChecksFailed,
                "");
    }

    @Test
    void encryptedBytesMustBeBlocks() throws Exception {
        refusesOpening(
                peer -> peer.spoilsOpening(chunk -> {
                    byte[] shorter = Arrays.copyOf(chunk, chunk.length - 1);
                    Unpooled.wrappedBuffer(shorter).setIntLE(4, shorter.length);
                    return shorter;
                }),
                StatusCodes.Bad_SecurityChecksFailed,
                "blocks");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31})
    void theServersNonceMustBeLongEnough(int bytes) throws Exception {
        byte[] nonce = new byte[bytes];
        Arrays.fill(nonce, (byte) 1);
        refusesOpening(peer -> peer.nonce(nonce), StatusCodes.Bad_NonceInvalid, bytes + " bytes");
    }

    @Test
    void theServersNonceMustNotBeEmpty() throws Exception {
        refusesOpening(peer -> peer.nonce(new byte[32]), StatusCodes.Bad_NonceInvalid, "zeros");
    }

    @Test
    void rsaKeepsNoEventLoopBusy() throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        CountDownLatch busy = new CountDownLatch(1);
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            transport.rsa().execute(() -> awaitQuietly(busy));
        }
        try (SecuredServer peer = server(security)) {
            CompletableFuture<UascChannel> opening = open(peer, security, server.certificate());
            Awaitility.await().until(() -> peer.connections.get() == 1);

            // The loop has time, but all threads for RSA have none.
            loop.submit(() -> {}).get(60, TimeUnit.SECONDS);
            assertThat(opening).isNotDone();
            busy.countDown();

            assertThat(opening.get(60, TimeUnit.SECONDS).isOpen()).isTrue();
        }
    }

    @Test
    void anAttemptThatFindsTooManyWaitingFails() throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        CountDownLatch busy = new CountDownLatch(1);
        try (SecuredServer peer = server(security)) {
            fill(transport.rsa(), () -> awaitQuietly(busy));

            UaException failure = failureOf(open(peer, security, server.certificate()));

            assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_TooManyOperations);
        } finally {
            busy.countDown();
        }
    }

    private static void fill(Executor executor, Runnable task) {
        for (int i = 0; i < 1_000_000; i++) {
            try {
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                return;
            }
        }
        throw new AssertionError("there is no bound");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("secured")
    void aChangedMessageEndsTheChannel(Protection security) throws Exception {
        try (SecuredServer peer = server(security)) {
            peer.spoilsMessages(chunk -> {
                chunk[chunk.length - 40] ^= 1;
                return chunk;
            });
            open(peer, security, server.certificate()).get(60, TimeUnit.SECONDS);

            UaException failure = write(new byte[100]).closed.get(60, TimeUnit.SECONDS);

            assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_SecurityChecksFailed);
        }
    }

    @Test
    void messagesMustBeSecuredAsAskedFor() throws Exception {
        Protection asked = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        try (SecuredServer peer = server(new Protection(asked.policy(), MessageSecurityMode.Sign))) {
            open(peer, asked, server.certificate()).get(60, TimeUnit.SECONDS);

            UaException failure = write(new byte[100]).closed.get(60, TimeUnit.SECONDS);

            assertThat(failure).isNotNull();
        }
    }

    @Test
    void unsignedMessagesEndTheChannel() throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.Sign);
        try (SecuredServer peer = server(security)) {
            peer.spoilsMessages(chunk -> {
                byte[] unsigned = Arrays.copyOf(chunk, chunk.length - 32);
                Unpooled.wrappedBuffer(unsigned).setIntLE(4, unsigned.length);
                return unsigned;
            });
            open(peer, security, server.certificate()).get(60, TimeUnit.SECONDS);

            UaException failure = write(new byte[100]).closed.get(60, TimeUnit.SECONDS);

            assertThat(failure.getStatusCode().value()).isEqualTo(StatusCodes.Bad_SecurityChecksFailed);
            assertThat(failure).hasMessageContaining("signature");
        }
    }

    private void refusesOpening(Consumer<SecuredServer> misbehaviour, long status, String says) throws Exception {
        Protection security = new Protection(SecurityPolicy.Basic256Sha256, MessageSecurityMode.SignAndEncrypt);
        try (SecuredServer peer = server(security)) {
            misbehaviour.accept(peer);

            UaException failure = failureOf(open(peer, security, server.certificate()));

            assertThat(failure.getStatusCode().value()).isEqualTo(status);
            assertThat(failure).hasMessageContaining(says);
        }
    }

    private static UaException failureOf(CompletableFuture<UascChannel> opening) throws Exception {
        try {
            opening.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return (UaException) Objects.requireNonNull(e.getCause());
        }
        throw new AssertionError("it was opened");
    }

    /** The same chunk with another certificate of whatever length in its header. */
    private static byte[] replaced(byte[] chunk, X509Certificate from, X509Certificate to) {
        try {
            var in = Unpooled.wrappedBuffer(chunk);
            int policy = 16 + in.getIntLE(12);
            byte[] other = to.getEncoded();
            var out = Unpooled.buffer();
            out.writeBytes(in, 0, policy).writeIntLE(other.length).writeBytes(other);
            int behind = policy + 4 + from.getEncoded().length;
            out.writeBytes(in, behind, chunk.length - behind);
            out.setIntLE(4, out.readableBytes());
            return ByteBufUtil.getBytes(out);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private SecuredServer server(Protection security) throws Exception {
        return server(server, security);
    }

    private SecuredServer server(Identity identity, Protection security) throws Exception {
        return new SecuredServer(
                identity.keys(),
                identity.certificate(),
                security.policy(),
                security.mode(),
                transport.encodingContext());
    }

    private CompletableFuture<UascChannel> open(SecuredServer peer, Protection security, X509Certificate expected) {
        return open(peer, us, security, expected);
    }

    private CompletableFuture<UascChannel> open(
            SecuredServer peer, Identity client, Protection security, X509Certificate expected) {
        return open(channel, peer, client, security, expected);
    }

    private CompletableFuture<UascChannel> open(
            UascChannel channel, SecuredServer peer, Identity client, Protection security, X509Certificate expected) {
        ChannelSettings settings = new ChannelSettings(
                EndpointUrl.parse(peer.url()),
                peer.url(),
                LONG,
                AddressFilter.ALL,
                new ChannelSecurity(security.policy(), security.mode(), client.material(), List.of(expected)));
        return CompletableFuture.supplyAsync(() -> channel.open(settings), loop).thenCompose(opening -> opening);
    }

    private RecordedReply write(byte[] bytes) {
        return write(channel, bytes);
    }

    private RecordedReply write(UascChannel channel, byte[] bytes) {
        RequestHeader header = new RequestHeader(
                NodeId.NULL_VALUE, DateTime.now(), UInteger.MIN, UInteger.MIN, null, UInteger.MIN, null);
        WriteValue value = new WriteValue(
                new NodeId(1, 1), UInteger.valueOf(13), null, DataValue.valueOnly(new Variant(ByteString.of(bytes))));
        RecordedReply reply = new RecordedReply();
        loop.execute(() -> channel.send(new WriteRequest(header, new WriteValue[] {value}), reply));
        return reply;
    }

    private static byte[] bytesOf(RecordedReply reply) throws Exception {
        ReadResponse response = (ReadResponse) reply.response.get(60, TimeUnit.SECONDS);
        ByteString written = (ByteString)
                Objects.requireNonNull(response.getResults()[0].value().value());
        return written.bytesOrEmpty();
    }
}
