package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files go down and up byte for byte, through a daemon with a heap smaller than they are: server and daemon are processes of
 * their own, and so are the commands that are ended in the middle. {@code transfer.megabytes} says how large the large one
 * is.
 */
@Timeout(240)
class FileTransferIT {
    private static final int MEGABYTES = Integer.getInteger("transfer.megabytes", 100);
    private static final int BLOCK = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static Path served;
    private static DaemonProcess server;
    private static DaemonProcess daemon;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        served = Files.createDirectory(directory.resolve("served"));
        server = DaemonProcess.in(directory).run("simulate", "--port", "0", "--files", served.toString());
        daemon = DaemonProcess.in(directory).jvmOption("-Xmx96m").start();
        Pattern listening = Pattern.compile("opc\\.tcp://\\S+");
        await().atMost(PATIENCE).until(() -> listening.matcher(server.stdout()).find());
        Matcher found = listening.matcher(server.stdout());
        assertThat(found.find()).isTrue();
        url = found.group();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        server.close();
    }

    @Test
    void aFileLargerThanTheDaemonsHeapGoesDownAndUpUnchanged() throws Exception {
        Path large = write(served.resolve("large.bin"), MEGABYTES);
        Path down = directory.resolve("down.bin");

        ok("file", "get", url, "ns=2;s=Files/large.bin", down.toString());
        ok("file", "put", url, down.toString(), "ns=2;s=Files", "--name", "up.bin");

        String expected = sha256(large);
        assertThat(sha256(down)).isEqualTo(expected);
        assertThat(sha256(served.resolve("up.bin"))).isEqualTo(expected);
        assertThat(directory.resolve("down.bin.part")).doesNotExist();
        assertThat(daemon.isAlive()).as(daemon.stderr()).isTrue();
    }

    @Test
    void whatAKilledCommandHasFetchedIsGoneOnWith() throws Exception {
        Path source = write(served.resolve("fetched.bin"), 8);
        Path down = directory.resolve("fetched.bin");
        Path part = directory.resolve("fetched.bin.part");

        try (var get = process("file", "get", url, "ns=2;s=Files/fetched.bin", down.toString(), "--chunk", "1k")) {
            await().atMost(PATIENCE).until(() -> Files.exists(part) && Files.size(part) > 100_000);
            get.kill9();
        }
        long fetched = Files.size(part);
        String resumed = ok("file", "get", url, "ns=2;s=Files/fetched.bin", down.toString(), "--resume", "--json");

        assertThat(fetched).isLessThan(Files.size(source));
        assertThat(resumed)
                .contains("\"bytes\":" + Files.size(source) + ",\"copied\":" + (Files.size(source) - fetched));
        assertThat(sha256(down)).isEqualTo(sha256(source));
        assertThat(part).doesNotExist();
        // Which a server refuses for a file that somebody has open.
        ok("file", "rm", url, "ns=2;s=Files/fetched.bin");
    }

    /** A server has a file that is open for writing opened by nobody else: the second command shows that it was closed. */
    @Test
    void anInterruptedPutClosesTheFileAndSaysHowToGoOn() throws Exception {
        Path source = write(directory.resolve("sent.bin"), 8);
        Path arrived = served.resolve("sent.bin");

        try (var put = process("file", "put", url, source.toString(), "ns=2;s=Files", "--chunk", "1k")) {
            await().atMost(PATIENCE).until(() -> Files.exists(arrived) && Files.size(arrived) > 100_000);
            put.signal("INT");
            assertThat(put.awaitExit()).isEqualTo(130);
            assertThat(put.stderr()).contains("interrupted: the server took ", " 'ns=2;s=Files' --resume` goes on");
        }
        long sent = Files.size(arrived);
        ok("file", "put", url, source.toString(), "ns=2;s=Files", "--resume");

        assertThat(sent).isLessThan(Files.size(source));
        assertThat(sha256(arrived)).isEqualTo(sha256(source));
    }

    @Test
    void anInterruptedGetKeepsItsPartAndSaysHowToGoOn() throws Exception {
        Path source = write(served.resolve("slow.bin"), 8);
        Path down = directory.resolve("slow.bin");
        Path part = directory.resolve("slow.bin.part");

        try (var get = process("file", "get", url, "ns=2;s=Files/slow.bin", down.toString(), "--chunk", "1k")) {
            await().atMost(PATIENCE).until(() -> Files.exists(part) && Files.size(part) > 100_000);
            get.signal("TERM");
            assertThat(get.awaitExit()).isEqualTo(130);
            assertThat(get.stderr())
                    .contains("interrupted: " + Files.size(part) + " bytes are in " + part, "--resume` goes on");
        }

        assertThat(down).doesNotExist();
        assertThat(Files.size(part)).isLessThan(Files.size(source));
        assertThat(ok("file", "ls", url, "ns=2;s=Files/slow.bin")).containsPattern("openCount +0\n");
    }

    private static Path write(Path file, int megabytes) throws IOException {
        byte[] block = new byte[BLOCK];
        var random = new Random(megabytes);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < megabytes; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
        return file;
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String ok(String... arguments) {
        var run = new CommandRun()
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri());
        int code = run.run(arguments);
        assertThat(code).as(run.stderr()).isZero();
        return run.stdout();
    }

    private static DaemonProcess process(String... arguments) throws IOException {
        return DaemonProcess.in(directory)
                .environment("OPCUA_SOCKET_PATH", daemon.endpoint().uri())
                .run(arguments);
    }
}
