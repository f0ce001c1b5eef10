package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.Random;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.Test;

/** Many seeded values: what is valid decodes as with Milo, what is not costs little and fails in one way. */
final class WireDecoderPropertyTest {
    private static final EncodingContext CONTEXT = DefaultEncodingContext.INSTANCE;

    /** An exception's stack trace, first arrays on each level of nesting, a codec's boxes. */
    private static final long ALLOCATED_ANYWAY = 512 * 1024;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void whatMiloEncodesDecodesAsMiloDecodesIt() {
        for (int seed = 0; seed < 3_000; seed++) {
            byte[] bytes = encoded(new RandomValues(seed).response());

            var ours = WireDecoder.of(Unpooled.wrappedBuffer(bytes), CONTEXT).decodeMessage("m");
            var milos = new OpcUaBinaryDecoder(CONTEXT)
                    .setBuffer(Unpooled.wrappedBuffer(bytes))
                    .decodeMessage("m");

            assertThat(ours).as("seed %d", seed).isEqualTo(milos);
        }
    }

    @Test
    void variantsComeBack() {
        for (int seed = 0; seed < 3_000; seed++) {
            Variant value = new RandomValues(seed).variant(4);
            ByteBuf buffer = Unpooled.buffer();

            new OpcUaBinaryEncoder(CONTEXT).setBuffer(buffer).encodeVariant(value);
            Variant decoded = WireDecoder.of(buffer, CONTEXT).decodeVariant("v");

            assertThat(decoded).as("seed %d", seed).isEqualTo(value);
            assertThat(buffer.isReadable()).as("bytes left, seed %d", seed).isFalse();
        }
    }

    @Test
    void mutatedResponsesFailInOneWayAndCostLittle() {
        Random random = new Random(20_000);
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] bytes = mutated(encoded(new RandomValues(seed % 500).response()), random);
            long before = threads.getCurrentThreadAllocatedBytes();

            decodeOrRefuse(bytes, seed);

            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated)
                    .as(
                            "seed %d, %d bytes: %s",
                            seed, bytes.length, HexFormat.of().formatHex(bytes))
                    .isLessThan(ALLOCATED_ANYWAY + 100L * bytes.length);
        }
    }

    // Nested arrays that all claim what the message could hold at most.
    @Test
    void claimsDoNotMultiply() {
        int size = 1_000_000;
        ByteBuf bytes = Unpooled.buffer(size);
        for (int i = 0; i < 100; i++) {
            bytes.writeByte(0x80 | 24).writeIntLE(size - 600);
        }
        bytes.writeZero(size - bytes.readableBytes());
        long before = threads.getCurrentThreadAllocatedBytes();

        try {
            WireDecoder.of(bytes, CONTEXT).decodeVariant("v");
            fail("there are fewer elements than claimed");
        } catch (UaSerializationException e) {
            assertThat(e.getStatusCode().value()).isEqualTo(StatusCodes.Bad_DecodingError);
        }

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L * size);
    }

    private static void decodeOrRefuse(byte[] bytes, int seed) {
        try {
            WireDecoder.of(Unpooled.wrappedBuffer(bytes), CONTEXT).decodeMessage("m");
        } catch (UaSerializationException e) {
            assertThat(e.getStatusCode().value()).as("seed %d", seed).isEqualTo(StatusCodes.Bad_DecodingError);
        }
    }

    private static byte[] encoded(UaResponseMessageType response) {
        ByteBuf buffer = Unpooled.buffer();
        new OpcUaBinaryEncoder(CONTEXT).setBuffer(buffer).encodeMessage("m", response);
        return ByteBufUtil.getBytes(buffer);
    }

    /** A few bytes changed, a length made huge or negative, or the end cut off. */
    private static byte[] mutated(byte[] bytes, Random random) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        for (int i = random.nextInt(4); i >= 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> buffer.setByte(random.nextInt(bytes.length), random.nextInt());
                case 1 -> buffer.setByte(random.nextInt(bytes.length), 0x80 | random.nextInt(32));
                case 2 -> {
                    int[] lengths = {Integer.MAX_VALUE, Integer.MIN_VALUE, -2, 0x00FF_FFFF, bytes.length};
                    buffer.setIntLE(random.nextInt(bytes.length - 3), lengths[random.nextInt(lengths.length)]);
                }
                default -> buffer.writerIndex(buffer.writerIndex() - random.nextInt(buffer.writerIndex() / 4 + 1));
            }
        }
        return ByteBufUtil.getBytes(buffer);
    }
}
