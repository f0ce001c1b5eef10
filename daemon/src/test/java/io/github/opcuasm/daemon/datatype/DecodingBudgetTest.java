package io.github.opcuasm.daemon.datatype;

import static io.github.opcuasm.daemon.datatype.Shapes.array;
import static io.github.opcuasm.daemon.datatype.Shapes.encoding;
import static io.github.opcuasm.daemon.datatype.Shapes.field;
import static io.github.opcuasm.daemon.datatype.Shapes.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.SecurityProfile;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.SessionScope;
import io.github.opcuasm.protocol.type.StructureValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.junit.jupiter.api.Test;

/** What is made of structures follows the bytes received, whatever a server declares; and what costs nothing. */
final class DecodingBudgetTest {
    private static final ServerTypes NOTHING_NESTED = ServerTypes.ofNamespaces(new NamespaceTable());

    private final Shapes shapes = new Shapes()
            .structure("Empty", Layout.STRUCTURE)
            .structure("Many", Layout.STRUCTURE, array("E", id("Empty"), 1))
            .structure("Bag", Layout.STRUCTURE, array("B", NodeIds.Structure, 1))
            .structure("Open", Layout.STRUCTURE, array("E", id("Empty"), 1), field("V", NodeIds.BaseDataType))
            .structure("Outer", Layout.STRUCTURE, field("Bag", id("Bag")), field("Self", id("Empty")));
    private final TypeRegistry registry = registry();

    @Test
    void arrayOfEmptyStructuresIsBoundedByTheBytes() {
        assertThatThrownBy(() -> new StructureDecoder(int32(490_000), NOTHING_NESTED, 0).decode(shapes.shape("Many")))
                .isInstanceOf(DecodingBudget.SpentException.class);
    }

    @Test
    void arrayOfEmptyStructuresIsOneValue() {
        List<?> all = list(new StructureDecoder(int32(500), NOTHING_NESTED, 0).decode(shapes.shape("Many")));

        assertThat(all).hasSize(500);
        assertThat(all.get(499)).isSameAs(all.get(0));
    }

    @Test
    void nestedStructuresHaveNoBudgetOfTheirOwn() {
        int nested = 60;
        ByteBuf body = Unpooled.buffer().writeIntLE(nested);
        for (int i = 0; i < nested; i++) {
            byte[] name = "Many/binary".getBytes(StandardCharsets.US_ASCII);
            body.writeByte(3).writeShortLE(2).writeIntLE(name.length).writeBytes(name);
            body.writeByte(1).writeIntLE(4).writeIntLE(1_000);
        }
        ExtensionObject bag = object("Bag", ByteBufUtil.getBytes(body));

        // 60,000 values, each structure of them within what it might have alone.
        assertThat(registry.decode(bag)).isNull();
    }

    @Test
    void allStructuresOfAnAnswerAndAllRoundsShareOneBudget() {
        byte[] body = ByteBufUtil.getBytes(Unpooled.buffer().writeIntLE(900).writeByte(0));
        ExtensionObject[] objects = new ExtensionObject[1_000];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = object("Open", body);
        }

        ServerTypes types =
                registry.prepare(new NoCalls(), List.of(new Variant(objects))).join();
        int decoded = 0;
        for (ExtensionObject object : objects) {
            decoded += types.decode(object) != null ? 1 : 0;
        }

        assertThat(decoded * 900L).isLessThan(DecodingBudget.VALUES_PER_ANSWER + 16L * objects.length * body.length);
    }

    @Test
    void honestStructuresAreDecodedHoweverMany() {
        byte[] body = ByteBufUtil.getBytes(
                Unpooled.buffer().writeIntLE(0).writeByte(1).writeByte(1));
        ExtensionObject[] objects = new ExtensionObject[20_000];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = object("Open", body);
        }

        ServerTypes types =
                registry.prepare(new NoCalls(), List.of(new Variant(objects))).join();

        assertThat(objects)
                .allSatisfy(object -> assertThat(types.decode(object)).isNotNull());
    }

    @Test
    void answerWithoutStructuresIsPreparedWithoutMakingAnything() {
        CompletableFuture<ServerTypes> first = registry.prepare(new NoCalls(), List.of(new Variant(1)));
        CompletableFuture<ServerTypes> second =
                registry.prepare(new NoCalls(), List.of(new Variant(new Variant[] {new Variant("a")})));

        assertThat(first).isSameAs(second).isCompletedWithValue(registry);
    }

    private static SessionScope scope(String server) {
        return new SessionScope(server, SecurityProfile.NONE, "anonymous", "", "");
    }

    @Test
    void registryIsFoundByWhatTheSessionToldAndSharedByThoseThatToldTheSame() {
        TypeRegistries registries = new TypeRegistries(Ticker.SYSTEM);
        ServerInfo info = info("urn:a");
        TypeRegistry found = registries.of(scope("host:1"), info);

        assertThat(registries.of(scope("host:1"), info)).isSameAs(found);
        assertThat(registries.of(scope("host:1"), info("urn:a"))).isSameAs(found);
        assertThat(registries.of(scope("host:1"), info("urn:b"))).isNotSameAs(found);
        assertThat(registries.of(scope("host:2"), info("urn:a"))).isNotSameAs(found);
    }

    /** What came over a channel that anybody could write to must not decide how a secured session encodes. */
    @Test
    void registryIsNotSharedWithThoseWhoAreSecuredOtherwiseOrAreOtherUsers() {
        TypeRegistries registries = new TypeRegistries(Ticker.SYSTEM);
        SecurityProfile secured =
                new SecurityProfile(SecurityProfile.Policy.BASIC256SHA256, SecurityProfile.Mode.SIGN_AND_ENCRYPT);
        TypeRegistry plain = registries.of(scope("host:1"), info("urn:a"));

        assertThat(registries.of(new SessionScope("host:1", secured, "anonymous", "", ""), info("urn:a")))
                .isNotSameAs(plain);
        assertThat(registries.of(
                        new SessionScope("host:1", SecurityProfile.NONE, "user name", "operator", ""), info("urn:a")))
                .isNotSameAs(plain);
    }

    @Test
    void registryTakesNothingFromASessionThatNumbersNamespacesOtherwise() {
        TypeRegistry found = new TypeRegistries(Ticker.SYSTEM).of(scope("host:1"), info("urn:a"));

        assertThat(found.isOf(info("urn:a"))).isTrue();
        assertThat(found.isOf(info("urn:b"))).isFalse();
    }

    @Test
    void onlyWhatMayHoldOthersIsLookedThrough() {
        assertThat(shapes.shape("Outer").mayHoldOthers()).isTrue();
        assertThat(shapes.shape("Open").mayHoldOthers()).isTrue();
        assertThat(shapes.shape("Many").mayHoldOthers()).isFalse();
    }

    private TypeRegistry registry() {
        TypeRegistry made = new TypeRegistry(info("urn:a"), new StandardTypes(), Ticker.SYSTEM);
        Map<NodeId, ValueType> types = new HashMap<>();
        for (String name : List.of("Empty", "Many", "Bag", "Open")) {
            types.put(encoding(name), shapes.shape(name));
        }
        made.learn(types);
        return made;
    }

    private static ServerInfo info(String uri) {
        return ServerInfo.of(List.of("", uri), null, null, null, null, null, null);
    }

    private static ExtensionObject object(String type, byte[] body) {
        return ExtensionObject.of(ByteString.of(body), encoding(type));
    }

    private static List<?> list(StructureValue value) {
        return (List<?>) Objects.requireNonNull(value.at(0));
    }

    private static byte[] int32(int value) {
        return ByteBufUtil.getBytes(Unpooled.buffer().writeIntLE(value));
    }

    /** Of somebody who may not ask. */
    private static final class NoCalls implements ServiceCalls {
        @Override
        public OpcUaSession session() {
            throw new AssertionError("asks");
        }

        @Override
        public Duration patience() {
            return Duration.ZERO;
        }

        @Override
        public <T extends UaResponseMessageType> CompletableFuture<T> read(
                Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
            throw new AssertionError("asks for " + responseType);
        }

        @Override
        public <T extends UaResponseMessageType> CompletableFuture<T> once(
                Class<T> responseType, Function<RequestHeader, UaRequestMessageType> message) {
            throw new AssertionError("asks for " + responseType);
        }
    }
}
