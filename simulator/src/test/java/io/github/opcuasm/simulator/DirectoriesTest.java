package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DirectoriesTest {
    private static final NodeId CREATE_DIRECTORY = NodeIds.FileDirectoryType_CreateDirectory;
    private static final NodeId CREATE_FILE = NodeIds.FileDirectoryType_CreateFile;
    private static final NodeId DELETE = NodeIds.FileDirectoryType_DeleteFileSystemObject;
    private static final NodeId MOVE_OR_COPY = NodeIds.FileDirectoryType_MoveOrCopy;

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    @Test
    void simulatorStartsWithAFewFiles() throws Exception {
        assertThat(names("")).contains("readme.txt", "data.bin", "locked.txt", "logs");
        assertThat(read("readme.txt")).isEqualTo("Grüße aus der Anlage\n".getBytes(StandardCharsets.UTF_8));
        byte[] data = read("data.bin");
        assertThat(data).hasSize(1_024);
        assertThat(data[255]).isEqualTo((byte) 255);
        assertThat(TestClients.readNow(client, "Files/locked.txt/Writable")
                        .value()
                        .value())
                .isEqualTo(false);
        assertThat(names("logs")).isEmpty();
    }

    @Test
    void filesAndDirectoriesAreCreatedOnce() throws Exception {
        assertThat(output(call("", CREATE_DIRECTORY, "created"))).isEqualTo(node("created"));
        CallMethodResult closed = call("created", CREATE_FILE, "closed.txt", false);
        CallMethodResult open = call("created", CREATE_FILE, "open.txt", true);

        assertThat(closed.getOutputArguments()).containsExactly(variant(node("created/closed.txt")), variant(uint(0)));
        Object handle = Objects.requireNonNull(open.getOutputArguments()[1].value());
        assertThat(status(call(
                        "created/open.txt",
                        NodeIds.FileType_Write,
                        handle,
                        ByteString.of("x".getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo(StatusCodes.Good);
        assertThat(status(call("created/open.txt", NodeIds.FileType_Close, handle)))
                .isEqualTo(StatusCodes.Good);
        assertThat(read("created/open.txt")).isEqualTo(new byte[] {'x'});
        assertThat(names("created")).containsExactly("closed.txt", "open.txt");
        assertThat(status(call("created", CREATE_FILE, "open.txt", false)))
                .isEqualTo(StatusCodes.Bad_BrowseNameDuplicated);
        assertThat(status(call("", CREATE_DIRECTORY, "created"))).isEqualTo(StatusCodes.Bad_BrowseNameDuplicated);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", "..", "a/b", "../up", "a\\b", "nul\0", "line\n"})
    void namesThatNoFileHasAreRefused(String name) throws Exception {
        for (CallMethodResult result : List.of(call("", CREATE_DIRECTORY, name), call("", CREATE_FILE, name, false))) {
            assertThat(status(result)).isEqualTo(StatusCodes.Bad_InvalidArgument);
            assertThat(Objects.requireNonNull(result.getInputArgumentResults())[0])
                    .isEqualTo(new StatusCode(StatusCodes.Bad_BrowseNameInvalid));
        }
    }

    // Part 20, 4.3.5: a directory goes with everything in it, but not while something of it is in use.
    @Test
    void deletionTakesEverythingBelowOrNothing() throws Exception {
        output(call("", CREATE_DIRECTORY, "old"));
        output(call("old", CREATE_DIRECTORY, "inner"));
        Object handle = call("old/inner", CREATE_FILE, "busy.txt", true)
                .getOutputArguments()[1]
                .value();

        assertThat(status(call("", DELETE, node("old")))).isEqualTo(StatusCodes.Bad_InvalidState);
        assertThat(status(call("old/inner/busy.txt", NodeIds.FileType_Close, Objects.requireNonNull(handle))))
                .isEqualTo(StatusCodes.Good);
        assertThat(status(call("", DELETE, node("old/inner")))).isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(status(call("", DELETE, node("old")))).isEqualTo(StatusCodes.Good);

        assertThat(names("")).doesNotContain("old");
        assertThat(status(call("", DELETE, node("old")))).isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(status(call("", DELETE, node("locked.txt")))).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(status(call("", DELETE, Simulator.node("Scalars/Int32")))).isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(status(call("", DELETE, node("")))).isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(names("")).contains("locked.txt");
    }

    @Test
    void filesMoveAndAreCopied() throws Exception {
        output(call("", CREATE_DIRECTORY, "from"));
        output(call("", CREATE_DIRECTORY, "to"));
        assertThat(output(call("", MOVE_OR_COPY, node("data.bin"), node("from"), true, "copy.bin")))
                .isEqualTo(node("from/copy.bin"));
        assertThat(output(call("from", MOVE_OR_COPY, node("from/copy.bin"), node("to"), false, "")))
                .isEqualTo(node("to/copy.bin"));
        assertThat(names("from")).isEmpty();
        assertThat(read("to/copy.bin")).isEqualTo(read("data.bin"));

        assertThat(output(call("", MOVE_OR_COPY, node("to"), node("from"), true, "whole")))
                .isEqualTo(node("from/whole"));
        assertThat(read("from/whole/copy.bin")).isEqualTo(read("data.bin"));
        assertThat(status(call("", MOVE_OR_COPY, node("to"), node(""), false, "readme.txt")))
                .isEqualTo(StatusCodes.Bad_BrowseNameDuplicated);
        assertThat(status(call("", MOVE_OR_COPY, node("missing"), node("to"), false, "")))
                .isEqualTo(StatusCodes.Bad_NotFound);
        assertThat(status(call("", MOVE_OR_COPY, node("from"), node("from/whole"), true, "")))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(status(call("", MOVE_OR_COPY, node("to"), node("readme.txt"), false, "")))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
        assertThat(status(call("", MOVE_OR_COPY, node("locked.txt"), node("to"), false, "")))
                .isEqualTo(StatusCodes.Bad_UserAccessDenied);
    }

    @Test
    void whatIsOpenDoesNotMove() throws Exception {
        Object handle = output(call("readme.txt", NodeIds.FileType_Open, ubyte(1)));

        assertThat(status(call("", MOVE_OR_COPY, node("readme.txt"), node("logs"), false, "")))
                .isEqualTo(StatusCodes.Bad_InvalidState);
        assertThat(output(call("", MOVE_OR_COPY, node("readme.txt"), node("logs"), true, "")))
                .isEqualTo(node("logs/readme.txt"));

        assertThat(status(call("readme.txt", NodeIds.FileType_Close, handle))).isEqualTo(StatusCodes.Good);
        assertThat(status(call("logs", DELETE, node("logs/readme.txt")))).isEqualTo(StatusCodes.Good);
    }

    // A file may have the name of a method of its directory.
    @Test
    void namesOfMethodsAreNamesLikeOthers() throws Exception {
        output(call("", CREATE_DIRECTORY, "odd"));
        output(call("odd", CREATE_DIRECTORY, "CreateFile"));

        assertThat(output(call("odd", Simulator.node("Files/odd//CreateFile"), "Delete", false)))
                .isEqualTo(node("odd/Delete"));
        assertThat(names("odd")).containsExactly("CreateFile", "Delete");
    }

    @Test
    void filesStayOverStopAndStartAndGoWithTheSimulator(@TempDir Path given) throws Exception {
        Files.writeString(given.resolve("kept.txt"), "kept");
        try (Simulator own = Simulator.builder().files(given).build();
                TestClients ownClients = new TestClients()) {
            own.start();
            OpcUaClient first = ownClients.connect(own);
            assertThat(status(call(first, node(""), CREATE_FILE, "made.txt", true)))
                    .isEqualTo(StatusCodes.Good);
            own.stop();
            own.start();
            OpcUaClient second = ownClients.connect(own);
            assertThat(status(call(second, node("made.txt"), NodeIds.FileType_Open, ubyte(2))))
                    .isEqualTo(StatusCodes.Good);
        }
        assertThat(given.resolve("made.txt")).exists();

        ServedDirectory temporary = new ServedDirectory(null, 1);
        Path root = temporary.prepare();
        assertThat(temporary.prepare()).isEqualTo(root).exists();
        temporary.close();
        assertThat(root).doesNotExist();
    }

    @Test
    void directoryThatIsNotThereIsNamedAtTheStart(@TempDir Path given) {
        try (Simulator without =
                Simulator.builder().files(given.resolve("missing")).build()) {
            assertThatThrownBy(without::start)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("missing");
        }
    }

    private byte[] read(String path) throws Exception {
        Object handle = output(call(path, NodeIds.FileType_Open, ubyte(1)));
        ByteString data = (ByteString) output(call(path, NodeIds.FileType_Read, handle, 100_000));
        assertThat(status(call(path, NodeIds.FileType_Close, handle))).isEqualTo(StatusCodes.Good);
        return data.bytesOrEmpty();
    }

    private List<String> names(String directory) throws Exception {
        BrowseDescription children = new BrowseDescription(
                node(directory), BrowseDirection.Forward, NodeIds.Organizes, true, uint(0), uint(63));
        return Stream.of(client.browse(children).getReferences())
                .map(reference -> reference.getBrowseName().name())
                .sorted()
                .toList();
    }

    private CallMethodResult call(String path, NodeId method, Object... arguments) throws Exception {
        return call(client, node(path), method, arguments);
    }

    private static CallMethodResult call(OpcUaClient caller, NodeId object, NodeId method, Object... arguments)
            throws Exception {
        Variant[] variants = Arrays.stream(arguments).map(Variant::new).toArray(Variant[]::new);
        return caller.callAsync(List.of(new CallMethodRequest(object, method, variants)))
                .get(TestClients.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getResults()[0];
    }

    private static Object output(CallMethodResult result) {
        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        return Objects.requireNonNull(result.getOutputArguments()[0].value());
    }

    private static long status(CallMethodResult result) {
        return result.getStatusCode().getValue();
    }

    private static Variant variant(Object value) {
        return new Variant(value);
    }

    private static NodeId node(String path) {
        return Simulator.node(path.isEmpty() ? "Files" : "Files/" + path);
    }
}
