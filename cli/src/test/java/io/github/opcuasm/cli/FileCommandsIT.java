package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the commands for files do and refuse, on a directory whose content can be looked at. Transfers of some size: {@link FileTransferIT}. */
@Timeout(60)
class FileCommandsIT {
    private static final long BAD_RESOURCE_UNAVAILABLE = 0x80040000L;
    private static final long BAD_UNEXPECTED_ERROR = 0x80010000L;
    private static final String FILES = "/Objects/2:Simulator/2:Files";

    @TempDir
    private static Path served;

    @TempDir
    private static Path directory;

    private static Simulator server;
    private static SessionManagerDaemon daemon;

    @TempDir
    private Path local;

    @BeforeAll
    static void start() throws Exception {
        server = Simulator.builder().files(served).build();
        server.start();
        daemon = new SessionManagerDaemon(DaemonConfig.builder()
                .socket(new IpcEndpoint.Unix(directory.resolve("d.sock")))
                .build());
        daemon.start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @BeforeEach
    void fill() throws Exception {
        Files.writeString(served.resolve("text.txt"), "0123456789");
    }

    @Test
    void lsShowsWhatIsInADirectoryByItsNames() throws Exception {
        Files.createDirectories(served.resolve("listed/b"));
        Files.writeString(served.resolve("listed/c.txt"), "12345");
        Files.writeString(served.resolve("listed/a.txt"), "");

        String shown = ok("file", "ls", url(), FILES + "/2:listed");
        String details = ok("file", "ls", url(), "ns=2;s=Files/listed/c.txt", "--json");

        assertThat(shown.lines().map(line -> line.split(" {2,}", -1)[0]))
                .containsExactly("NAME", "a.txt", "b", "c.txt");
        assertThat(shown).containsPattern("c\\.txt +file +5 +yes +ns=2;s=Files/listed/c\\.txt\n");
        assertThat(details).contains("\"size\":5,\"writable\":true,\"openCount\":0");
        assertThat(ok("file", "ls", url())).contains("no files in FileSystem; there are Files ('ns=2;s=Files')");
        assertThat(refused(2, "file", "ls", url(), "ns=2;s=Scalars")).contains("neither a file nor a directory");
    }

    @Test
    void nothingOfOursIsWrittenOverUnlessForced() throws Exception {
        Path there = Files.writeString(local.resolve("text.txt"), "precious");
        Path part = Files.writeString(local.resolve("other.txt.part"), "01234");
        Path other = local.resolve("other.txt");

        assertThat(refused(2, "file", "get", url(), "ns=2;s=Files/text.txt", local.toString()))
                .contains("text.txt exists: --force writes over it");
        assertThat(refused(2, "file", "get", url(), "ns=2;s=Files/text.txt", other.toString()))
                .contains(part + " is there, of an earlier time: --resume goes on");
        ok("file", "get", url(), "ns=2;s=Files/text.txt", local.toString(), "--force");

        assertThat(there).hasContent("0123456789");
        assertThat(part).hasContent("01234");
    }

    @Test
    void aPartThatIsNoBeginningIsNotGoneOnWith() throws Exception {
        Path part = Files.writeString(local.resolve("text.txt.part"), "01X3");
        Path target = local.resolve("text.txt");

        String message = refused(1, "file", "get", url(), "ns=2;s=Files/text.txt", target.toString(), "--resume");
        Files.writeString(part, "0123");
        String resumed = ok("file", "get", url(), "ns=2;s=Files/text.txt", target.toString(), "--resume");

        assertThat(message).contains("is no beginning of text.txt", "--force without --resume begins anew");
        assertThat(resumed).isEqualTo(target + "  6 bytes\n");
        assertThat(target).hasContent("0123456789");
    }

    /** Somebody adds to the file once the first of it has arrived. */
    @Test
    void aFileThatGrowsIsReadToItsEnd() throws Exception {
        Path file = served.resolve("text.txt");
        var growing = new StringWriter() {
            @Override
            public void write(String text, int offset, int length) {
                if (getBuffer().length() == 0) {
                    addTo(file, "abc");
                }
                super.write(text, offset, length);
            }
        };

        int code = run(growing, new StringWriter(), "file", "get", url(), "ns=2;s=Files/text.txt", "-", "--chunk", "2");

        assertThat(code).isZero();
        assertThat(growing.toString()).isEqualTo("0123456789abc");
    }

    /** As when the file vanishes or the server loses its disk: reading it fails from then on. */
    @Test
    void aReadThatFailsInTheMiddleKeepsWhatIsThereAndSaysHowToGoOn() throws Exception {
        Path target = local.resolve("text.txt");
        Files.writeString(local.resolve("text.txt.part"), "012");

        String message;
        try (Fault gone = server.faults().fail(Service.CALL, BAD_RESOURCE_UNAVAILABLE)) {
            assertThat(gone).isNotNull();
            message = refused(1, "file", "get", url(), "ns=2;s=Files/text.txt", target.toString(), "--resume");
        }

        assertThat(message).contains("Bad_ResourceUnavailable");
        assertThat(local.resolve("text.txt.part")).hasContent("012");
        assertThat(target).doesNotExist();
    }

    @Test
    void putMakesWritesOverAndAppends() throws Exception {
        Path ours = Files.writeString(local.resolve("ours.txt"), "abcdef");
        String file = ours.toString();

        ok("file", "put", url(), file, "ns=2;s=Files");
        assertThat(refused(2, "file", "put", url(), file, "ns=2;s=Files"))
                .contains("there is a file ours.txt (ns=2;s=Files/ours.txt): --force writes over it");
        ok("file", "put", url(), file, "ns=2;s=Files", "--append");
        assertThat(served.resolve("ours.txt")).hasContent("abcdefabcdef");
        for (String named : List.of(FILES + "/2:ours.txt", "ns=2;s=Files/ours.txt")) {
            assertThat(refused(2, "file", "put", url(), file, named))
                    .contains("--force writes over it, --resume goes on after an interruption");
        }
        assertThat(refused(2, "file", "put", url(), file, "ns=2;s=Files/ours.txt", "--name", "x", "--force"))
                .contains("--name is for a directory");
        assertThat(served.resolve("ours.txt")).hasContent("abcdefabcdef");
        ok("file", "put", url(), file, FILES + "/2:ours.txt", "--force");
        assertThat(served.resolve("ours.txt")).hasContent("abcdef");
        ok("file", "put", url(), file, FILES + "/2:new.txt");
        assertThat(served.resolve("new.txt")).hasContent("abcdef");
        assertThat(refused(2, "file", "put", url(), file, FILES + "/2:nowhere/2:new.txt"))
                .contains("there is no directory for " + FILES + "/2:nowhere/2:new.txt");
        assertThat(refused(2, "file", "put", url(), local.resolve("no.txt").toString(), "ns=2;s=Files"))
                .contains("no.txt is not there\n");
    }

    @Test
    void putGoesOnOnlyBehindABeginningOfItsOwn() throws Exception {
        Path ours = Files.writeString(local.resolve("begun.txt"), "abcdefgh");
        Path theirs = Files.writeString(served.resolve("begun.txt"), "abc");

        ok("file", "put", url(), ours.toString(), "ns=2;s=Files", "--resume");
        assertThat(theirs).hasContent("abcdefgh");
        ok("file", "put", url(), ours.toString(), "ns=2;s=Files", "--resume");
        assertThat(theirs).hasContent("abcdefgh");
        Files.writeString(theirs, "aXc");
        assertThat(refused(1, "file", "put", url(), ours.toString(), "ns=2;s=Files", "--resume"))
                .contains("of 3 bytes, is no beginning of " + ours);
        Files.writeString(theirs, "abcdefghi");
        assertThat(refused(1, "file", "put", url(), ours.toString(), "ns=2;s=Files", "--resume"))
                .contains("of 9 bytes, is no beginning of " + ours);
        assertThat(theirs).hasContent("abcdefghi");
    }

    @Test
    void directoriesAreMadeMovedCopiedAndDeleted() throws Exception {
        ok("file", "mkdir", url(), FILES + "/2:one/2:two", "-p");
        ok("file", "mkdir", url(), FILES + "/2:one/2:two", "-p");
        assertThat(refused(2, "file", "mkdir", url(), FILES + "/2:no/2:two")).contains("-p makes those on the way");
        ok("file", "cp", url(), "ns=2;s=Files/text.txt", "ns=2;s=Files/one");
        ok("file", "mv", url(), "ns=2;s=Files/one/text.txt", FILES + "/2:one/2:two/2:renamed.txt");
        assertThat(refused(2, "file", "cp", url(), "ns=2;s=Files/text.txt", "ns=2;s=Files"))
                .contains("there is text.txt (ns=2;s=Files/text.txt) already");

        assertThat(served.resolve("one/two/renamed.txt")).hasContent("0123456789");
        assertThat(served.resolve("one/text.txt")).doesNotExist();

        assertThat(refused(2, "file", "rm", url(), "ns=2;s=Files/text.txt", "ns=2;s=Files/one"))
                .contains("got ns=2;s=Files/one, which is a directory: -r deletes it");
        assertThat(served.resolve("text.txt")).exists();
        assertThat(ok("file", "rm", url(), "ns=2;s=Files/one", "-r")).isEqualTo("ns=2;s=Files/one  deleted\n");
        assertThat(served.resolve("one")).doesNotExist();
    }

    @Test
    void optionsThatMakeNoSenseAreNamedBeforeAnythingIsAsked() throws Exception {
        assertThat(refused(2, "file", "get", url(), "i=1", "-", "--resume"))
                .contains("--resume: expected a file as LOCAL");
        assertThat(refused(2, "file", "get", url(), "i=1", "--chunk", "17M")).contains("--chunk: got 17M, expected");
        assertThat(refused(2, "file", "put", url(), "-", "i=1", "--resume"))
                .contains("--resume: expected a file as LOCAL");
        assertThat(refused(2, "file", "mkdir", url(), "ns=2;s=Files")).contains("NAME: expected one behind");
        assertThat(refused(2, "file", "lss", url())).contains("did you mean file ls?");
    }

    /** Nobody would read a warning that every refusal has. */
    @Test
    void whatTheServerRefusedIsInNoDoubt() throws Exception {
        Files.createDirectories(served.resolve("there"));

        List<String> refusals = List.of(
                refused(1, "file", "mkdir", url(), "ns=2;s=Files", "there"),
                refused(1, "file", "put", url(), local("a.txt"), "ns=2;s=Files", "--name", "a/b"));

        assertThat(refusals)
                .allSatisfy(
                        message -> assertThat(message).contains("Bad_").doesNotContain("it may have been carried out"));
        assertThat(refusals.get(1)).contains("the name is a/b: expected one without /");
        try (Fault unclear = server.faults().fail(Service.CALL, BAD_UNEXPECTED_ERROR)) {
            assertThat(unclear).isNotNull();
            assertThat(refused(1, "file", "mkdir", url(), "ns=2;s=Files", "unclear"))
                    .contains("it may have been carried out");
        }
    }

    @Test
    void whatIsNotThereIsTheSameMistakeByIdAndByPath() throws Exception {
        String byId = refused(2, "file", "get", url(), "ns=2;s=Files/nix.bin", "-");
        String byPath = refused(2, "file", "get", url(), FILES + "/2:nix.bin", "-");

        assertThat(byId).contains("FILE: there is no node ns=2;s=Files/nix.bin").doesNotContain("did you mean");
        assertThat(byPath).contains("FILE: there is no " + FILES + "/2:nix.bin");
        assertThat(refused(2, "file", "ls", url(), "")).contains("DIR: got \"\", expected a node id");
        assertThat(refused(2, "file", "get", url(), "i=1", local.resolve("d/x").toString()))
                .contains("there is no directory " + local.resolve("d"));
    }

    private String local(String name) throws IOException {
        return Files.writeString(local.resolve(name), "abc").toString();
    }

    private static void addTo(Path file, String text) {
        try {
            Path unused = Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String url() {
        return server.endpointUrl();
    }

    private static String ok(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = run(out, err, arguments);
        assertThat(code).as(err.toString()).isZero();
        return out.toString();
    }

    private static String refused(int exitCode, String... arguments) {
        var err = new StringWriter();
        int code = run(new StringWriter(), err, arguments);
        assertThat(code).as(err.toString()).isEqualTo(exitCode);
        return err.toString();
    }

    private static int run(StringWriter out, StringWriter err, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = daemon.boundEndpoints().get(0).uri();
        return Main.run(all, new Console(new PrintWriter(out), new PrintWriter(err), Map.of(), question -> null));
    }
}
