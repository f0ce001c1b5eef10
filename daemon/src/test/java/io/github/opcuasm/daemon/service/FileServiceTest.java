package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.failureOf;
import static io.github.opcuasm.daemon.Failures.resultOf;
import static io.github.opcuasm.daemon.service.ServiceFixture.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set before each test.
final class FileServiceTest {
    private static final int READ = 1;
    private static final int WRITE_AND_ERASE = 6;
    private static final NodeReference FILE = node("Files/a.txt");
    private static final long NUMBER = 7;

    @TempDir
    Path root;

    private ServiceFixture fixture;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(root.resolve("a.txt"), "0123456789".repeat(1000));
        fixture = new ServiceFixture(Simulator.builder().files(root));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    // It would erase a file of which its caller was told that nothing is known.
    @Test
    void fileIsNotOpenedAfterTheDeadlineOfItsCaller() throws Exception {
        FileService files = service(Long.MAX_VALUE);
        CallContext context = fixture.context("{}");
        resultOf(files.closeFile(
                fixture.context(context.handle()), FILE, resultOf(files.openFile(context, FILE, READ, false))));
        long calls = fixture.simulator.counters().received(Service.CALL);

        CommandException late = failureOf(files.openFile(
                fixture.contextOfOld(context.handle(), Duration.ofSeconds(6)), FILE, WRITE_AND_ERASE, false));

        assertThat(late.type()).isEqualTo(ErrorType.CONNECTION);
        assertThat(late.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(late).hasMessageContaining("deadline");
        assertThat(root.resolve("a.txt")).isNotEmptyFile();
        assertThat(fixture.simulator.counters().received(Service.CALL)).isEqualTo(calls);
    }

    // Five bytes a byte of text.
    @Test
    void readThatTheDaemonHasNoMemoryForTakesNoneFromThoseBehindIt() throws Exception {
        FileService files = service(5_000);
        CallContext context = fixture.context("{}");
        long reading = resultOf(files.openFile(context, FILE, READ, false));

        CommandException refused = failureOf(files.readFile(fixture.context(context.handle()), FILE, reading, 2_000));
        Object content = resultOf(files.readFile(fixture.context(context.handle()), FILE, reading, 1_000));

        assertThat(refused.type()).isEqualTo(ErrorType.OVERLOADED);
        assertThat(content).isEqualTo("0123456789".repeat(100));
    }

    // Part 20, 4.2.2: it is unique in the session, so that the server has closed the one that had it before.
    @Test
    void numberThatTheServerGivesAnewIsNobodyElsesAnyMore() throws Exception {
        OpenFiles files = new OpenFiles((session, file) -> {});
        CallContext first = fixture.context("{}");
        CallContext second = fixture.context("{'autoRetry':3}");
        files.keep(first.handle(), file(first.server()));

        files.keep(second.handle(), file(second.server()));

        assertThat(second.session()).isSameAs(first.session());
        assertThat(required(files, second, FILE, first.local(FILE))).isZero();
        assertThat(required(files, first, FILE, first.local(FILE))).isEqualTo(StatusCodes.Bad_InvalidArgument);
    }

    // The server has its namespaces in another order since it was started again.
    @Test
    void fileOfALostSessionIsKnownByItsUri() throws Exception {
        OpenFiles files = new OpenFiles((session, file) -> {});
        CallContext context = fixture.context("{}");
        ServerInfo before = ServerInfo.of(
                List.of("http://opcfoundation.org/UA/", "urn:server", "urn:plant"), null, null, null, null, null, null);
        OpenFiles.OpenFile lost = file(before);
        files.keep(context.handle(), lost);

        NodeReference named = new NamespacedNodeId("urn:plant", new Identifier.Text("Files/a.txt"));
        OpenFiles.OpenFile found =
                files.require(context.handle(), null, NUMBER, new FileOperation("readFile", named, NUMBER));

        assertThat(found).isSameAs(lost);
        assertThat(found.isOf(context.session())).isFalse();
        assertThat(required(
                        files, context, new NamespacedNodeId("urn:other", new Identifier.Text("Files/a.txt")), null))
                .isEqualTo(StatusCodes.Bad_InvalidArgument);
    }

    private static FileService service(long memory) {
        GatheredPages gathered = new GatheredPages(memory);
        return new FileService(
                new ViewService(Ticker.SYSTEM, gathered), new AttributeService(Ticker.SYSTEM), gathered, Ticker.SYSTEM);
    }

    private static OpenFiles.OpenFile file(ServerInfo openedOn) {
        return OpenFiles.OpenFile.of(
                new NodeId(Simulator.NAMESPACE_INDEX, "Files/a.txt"), NUMBER, FileMethod.CLOSE.ofType(), openedOn);
    }

    /** The status of the refusal; 0 if there is none. */
    private static long required(
            OpenFiles files,
            CallContext context,
            NodeReference named,
            io.github.opcuasm.protocol.type.@Nullable NodeId local) {
        CommandException refusal = catchThrowableOfType(
                CommandException.class,
                () -> files.require(
                        context.handle(),
                        local == null ? null : TypeMapper.toMilo(local),
                        NUMBER,
                        new FileOperation("readFile", named, NUMBER)));
        return refusal == null || refusal.statusCode() == null ? 0 : refusal.statusCode();
    }
}
