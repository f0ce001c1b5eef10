package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FilesTest {
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int ERASE = 4;
    private static final int APPEND = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(TestClients.PATIENCE_SECONDS);

    private final TestClients clients = new TestClients();

    private Path root;
    private Simulator simulator;
    private OpcUaClient client;
    private OpcUaClient other;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        root = directory;
        simulator =
                Simulator.builder().files(root).maxByteStringLength(64 * 1024).build();
        simulator.start();
        client = clients.connect(simulator);
        other = clients.connect(simulator);
    }

    @BeforeEach
    void fill() throws Exception {
        try (Stream<Path> left = Files.walk(root)) {
            for (Path path : left.filter(each -> !each.equals(root))
                    .sorted((one, two) -> two.compareTo(one))
                    .toList()) {
                Files.delete(path);
            }
        }
        Files.writeString(root.resolve("text.txt"), "abcdefghij");
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void fileIsReadFromItsPositionToItsEnd() throws Exception {
        UInteger handle = open("text.txt", READ);

        assertThat(read("text.txt", handle, 4)).isEqualTo("abcd");
        assertThat(position("text.txt", handle)).isEqualTo(4);
        assertThat(read("text.txt", handle, 100)).isEqualTo("efghij");
        assertThat(read("text.txt", handle, 100)).isEmpty();
        seek("text.txt", handle, 8);
        assertThat(read("text.txt", handle, 100)).isEqualTo("ij");
        seek("text.txt", handle, 1_000);
        assertThat(position("text.txt", handle)).isEqualTo(10);
        close("text.txt", handle);
        assertThat(status(call("text.txt", NodeIds.FileType_Read, handle, 1)))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
    }

    @Test
    void writtenBytesReplaceAppendAndErase() throws Exception {
        UInteger replacing = open("text.txt", WRITE);
        write("text.txt", replacing, "AB");
        close("text.txt", replacing);
        assertThat(content("text.txt")).isEqualTo("ABcdefghij");

        UInteger appending = open("text.txt", WRITE | APPEND);
        write("text.txt", appending, "!");
        close("text.txt", appending);
        assertThat(content("text.txt")).isEqualTo("ABcdefghij!");

        UInteger erasing = open("text.txt", READ | WRITE | ERASE);
        write("text.txt", erasing, "new");
        seek("text.txt", erasing, 0);
        assertThat(read("text.txt", erasing, 10)).isEqualTo("new");
        close("text.txt", erasing);
        assertThat(content("text.txt")).isEqualTo("new");
    }

    // Part 20, 4.2.2: at least one of Read and Write, EraseExisting only with Write, the other bits zero.
    @ParameterizedTest
    @ValueSource(ints = {0, ERASE, APPEND, READ | ERASE, 16, 255})
    void impossibleModesAreRefused(int mode) throws Exception {
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(mode))))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(content("text.txt")).isEqualTo("abcdefghij");
    }

    @Test
    void oneWriterExcludesAllOthers() throws Exception {
        UInteger reading = open("text.txt", READ);
        UInteger readingToo = open("text.txt", READ);
        assertThat(property("text.txt", "OpenCount")).isEqualTo(ushort(2));
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(WRITE))))
                .isEqualTo(StatusCodes.Bad_NotWritable);
        close("text.txt", reading);
        close("text.txt", readingToo);

        UInteger writing = open("text.txt", WRITE);
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(READ)))).isEqualTo(StatusCodes.Bad_NotReadable);
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(WRITE))))
                .isEqualTo(StatusCodes.Bad_NotWritable);
        close("text.txt", writing);
    }

    @Test
    void handleDoesOnlyWhatItWasOpenedFor() throws Exception {
        UInteger writing = open("text.txt", WRITE);
        assertThat(status(call("text.txt", NodeIds.FileType_Read, writing, 1))).isEqualTo(StatusCodes.Bad_InvalidState);
        close("text.txt", writing);

        UInteger reading = open("text.txt", READ);
        assertThat(status(call("text.txt", NodeIds.FileType_Write, reading, ByteString.of(new byte[1]))))
                .isEqualTo(StatusCodes.Bad_InvalidState);
        assertThat(status(call("text.txt", NodeIds.FileType_Read, reading, 0)))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        close("text.txt", reading);
    }

    @Test
    void handleIsOfOneSessionAndOneFile() throws Exception {
        Files.writeString(root.resolve("second.txt"), "other");
        UInteger handle = open("text.txt", READ);

        assertThat(status(call(other, file("text.txt"), NodeIds.FileType_Read, handle, 1)))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(status(call("second.txt", NodeIds.FileType_Read, handle, 1)))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(status(call(other, file("text.txt"), NodeIds.FileType_Close, handle)))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(read("text.txt", handle, 3)).isEqualTo("abc");
        close("text.txt", handle);
    }

    @Test
    void handlesOfASessionAreBoundedAndEndWithIt() throws Exception {
        OpcUaClient leaving = clients.connect(simulator);
        for (int i = 0; i < OpenFiles.MAX_PER_SESSION; i++) {
            output(call(leaving, file("text.txt"), NodeIds.FileType_Open, ubyte(READ)));
        }
        assertThat(status(call(leaving, file("text.txt"), NodeIds.FileType_Open, ubyte(READ))))
                .isEqualTo(StatusCodes.Bad_ResourceUnavailable);
        assertThat(property("text.txt", "OpenCount")).isEqualTo(ushort(OpenFiles.MAX_PER_SESSION));

        leaving.disconnect();

        await().atMost(PATIENCE).until(() -> property("text.txt", "OpenCount").equals(ushort(0)));
        close("text.txt", open("text.txt", WRITE));
    }

    @Test
    void readsAndWritesAreBounded() throws Exception {
        byte[] content = new byte[100_000];
        new Random(1).nextBytes(content);
        Files.write(root.resolve("big.bin"), content);
        UInteger reading = open("big.bin", READ);

        ByteString first = (ByteString) output(call("big.bin", NodeIds.FileType_Read, reading, Integer.MAX_VALUE));
        ByteString second = (ByteString) output(call("big.bin", NodeIds.FileType_Read, reading, Integer.MAX_VALUE));
        close("big.bin", reading);

        assertThat(property("big.bin", "MaxByteStringLength")).isEqualTo(uint(64 * 1024));
        assertThat(first.bytesOrEmpty()).isEqualTo(Arrays.copyOf(content, 64 * 1024));
        assertThat(second.bytesOrEmpty()).isEqualTo(Arrays.copyOfRange(content, 64 * 1024, content.length));
        UInteger writing = open("big.bin", WRITE);
        assertThat(status(call("big.bin", NodeIds.FileType_Write, writing, ByteString.of(new byte[64 * 1024 + 1]))))
                .isEqualTo(StatusCodes.Bad_EncodingLimitsExceeded);
        close("big.bin", writing);
        assertThat(Files.readAllBytes(root.resolve("big.bin"))).isEqualTo(content);
    }

    // A log of whole files would fill the memory of whoever tests with large ones.
    @Test
    void logOfCallsKeepsOnlyTheBeginningOfWhatWasWritten() throws Exception {
        UInteger handle = open("text.txt", WRITE);

        assertThat(status(call("text.txt", NodeIds.FileType_Write, handle, ByteString.of(new byte[2_000]))))
                .isEqualTo(StatusCodes.Good);
        close("text.txt", handle);

        List<MethodCall> writes = simulator.calls().of(NodeIds.FileType_Write);
        assertThat(writes.get(writes.size() - 1).arguments().get(1))
                .isEqualTo(new Variant(ByteString.of(new byte[Calls.BYTES_KEPT])));
        assertThat(Files.size(root.resolve("text.txt"))).isEqualTo(2_000);
    }

    @Test
    void propertiesFollowTheDisk() throws Exception {
        assertThat(property("text.txt", "Size")).isEqualTo(ulong(10));
        assertThat(property("text.txt", "Writable")).isEqualTo(true);
        assertThat(property("text.txt", "MimeType")).isEqualTo("text/plain");

        Files.writeString(root.resolve("text.txt"), "more", StandardOpenOption.APPEND);
        assertThat(root.resolve("text.txt").toFile().setReadOnly()).isTrue();

        assertThat(property("text.txt", "Size")).isEqualTo(ulong(14));
        assertThat(property("text.txt", "Writable")).isEqualTo(false);
        assertThat(property("text.txt", "UserWritable")).isEqualTo(false);
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(WRITE))))
                .isEqualTo(StatusCodes.Bad_NotWritable);
    }

    @Test
    void openFileMayGrowShrinkAndVanish() throws Exception {
        UInteger handle = open("text.txt", READ);
        assertThat(read("text.txt", handle, 10)).isEqualTo("abcdefghij");

        Files.writeString(root.resolve("text.txt"), "kl", StandardOpenOption.APPEND);
        assertThat(read("text.txt", handle, 10)).isEqualTo("kl");
        Files.writeString(root.resolve("text.txt"), "x", StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(read("text.txt", handle, 10)).isEmpty();
        Files.delete(root.resolve("text.txt"));

        assertThat(status(call("text.txt", NodeIds.FileType_Read, handle, 10))).isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(TestClients.readNow(client, "Files/text.txt/Size")
                        .statusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(names("")).containsExactly("text.txt");
        close("text.txt", handle);
        assertThat(names("")).isEmpty();
        assertThat(status(call("text.txt", NodeIds.FileType_Open, ubyte(READ))))
                .isEqualTo(StatusCodes.Bad_NodeIdUnknown);
    }

    @Test
    void anotherFileInItsPlaceIsNotTheOneThatWasOpened() throws Exception {
        UInteger handle = open("text.txt", READ);

        Files.writeString(root.resolve("next"), "replaced");
        Files.move(root.resolve("next"), root.resolve("text.txt"), StandardCopyOption.REPLACE_EXISTING);

        assertThat(status(call("text.txt", NodeIds.FileType_Read, handle, 10))).isEqualTo(StatusCodes.Bad_NotFound);
        close("text.txt", handle);
        UInteger again = open("text.txt", READ);
        assertThat(read("text.txt", again, 10)).isEqualTo("replaced");
        close("text.txt", again);
    }

    @Test
    void methodsAnswerByTheirOwnIdsToo() throws Exception {
        UInteger handle =
                (UInteger) output(call(client, file("text.txt"), Simulator.node("Files/text.txt/Open"), ubyte(READ)));
        assertThat(status(call(client, file("text.txt"), Simulator.node("Files/text.txt/Close"), handle)))
                .isEqualTo(StatusCodes.Good);
        assertThat(output(call(client, file(""), Simulator.node("Files//CreateDirectory"), "made")))
                .isEqualTo(file("made"));
    }

    @Test
    void filesOfTheDiskAreFoundWithoutBrowsing() throws Exception {
        Files.createDirectories(root.resolve("deep/er"));
        Files.writeString(root.resolve("deep/er/late.txt"), "late");

        UInteger handle = open("deep/er/late.txt", READ);

        assertThat(read("deep/er/late.txt", handle, 10)).isEqualTo("late");
        close("deep/er/late.txt", handle);
        assertThat(names("deep")).containsExactly("er");
    }

    @Test
    void symbolicLinksAreNeitherShownNorFollowed(@TempDir Path outside) throws Exception {
        Files.writeString(outside.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("link.txt"), outside.resolve("secret.txt"));

        assertThat(names("")).containsExactly("text.txt");
        assertThat(status(call("link.txt", NodeIds.FileType_Open, ubyte(READ))))
                .isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(status(call("link/secret.txt", NodeIds.FileType_Open, ubyte(READ))))
                .isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(status(call("../" + outside.getFileName() + "/secret.txt", NodeIds.FileType_Open, ubyte(READ))))
                .isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(status(call("", NodeIds.FileDirectoryType_CreateFile, "link.txt", false)))
                .isEqualTo(StatusCodes.Bad_NotFound);
    }

    private void write(String path, UInteger handle, String text) throws Exception {
        ByteString data = ByteString.of(text.getBytes(StandardCharsets.UTF_8));
        assertThat(status(call(path, NodeIds.FileType_Write, handle, data))).isEqualTo(StatusCodes.Good);
    }

    private void close(String path, UInteger handle) throws Exception {
        assertThat(status(call(path, NodeIds.FileType_Close, handle))).isEqualTo(StatusCodes.Good);
    }

    private Object property(String path, String name) throws Exception {
        return Objects.requireNonNull(TestClients.readNow(client, "Files/" + path + "/" + name)
                .value()
                .value());
    }

    private String content(String path) throws Exception {
        return Files.readString(root.resolve(path));
    }

    /** The names of what a directory organizes. */
    private List<String> names(String directory) throws Exception {
        BrowseDescription children = new BrowseDescription(
                file(directory), BrowseDirection.Forward, NodeIds.Organizes, true, uint(0), uint(63));
        return Stream.of(client.browse(children).getReferences())
                .map(reference -> reference.getBrowseName().name())
                .sorted()
                .toList();
    }

    private String read(String path, UInteger handle, int length) throws Exception {
        ByteString data = (ByteString) output(call(path, NodeIds.FileType_Read, handle, length));
        return new String(data.bytesOrEmpty(), StandardCharsets.UTF_8);
    }

    private void seek(String path, UInteger handle, long position) throws Exception {
        assertThat(status(call(path, NodeIds.FileType_SetPosition, handle, ulong(position))))
                .isEqualTo(StatusCodes.Good);
    }

    private long position(String path, UInteger handle) throws Exception {
        return ((Number) output(call(path, NodeIds.FileType_GetPosition, handle))).longValue();
    }

    private UInteger open(String path, int mode) throws Exception {
        return (UInteger) output(call(path, NodeIds.FileType_Open, ubyte(mode)));
    }

    private CallMethodResult call(String path, NodeId method, Object... arguments) throws Exception {
        return call(client, file(path), method, arguments);
    }

    private static CallMethodResult call(OpcUaClient caller, NodeId object, NodeId method, Object... arguments)
            throws Exception {
        Variant[] variants = Arrays.stream(arguments).map(Variant::new).toArray(Variant[]::new);
        return caller.callAsync(List.of(new CallMethodRequest(object, method, variants)))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getResults()[0];
    }

    private static Object output(CallMethodResult result) {
        assertThat(result.getStatusCode().isGood())
                .as("%s", result.getStatusCode())
                .isTrue();
        return Objects.requireNonNull(result.getOutputArguments()[0].value());
    }

    private static long status(CallMethodResult result) {
        return result.getStatusCode().getValue();
    }

    private static NodeId file(String path) {
        return Simulator.node(path.isEmpty() ? "Files" : "Files/" + path);
    }
}
