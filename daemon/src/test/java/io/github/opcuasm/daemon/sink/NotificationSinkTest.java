package io.github.opcuasm.daemon.sink;

import static io.github.opcuasm.daemon.sink.SinkEvents.events;
import static io.github.opcuasm.daemon.sink.SinkEvents.message;
import static io.github.opcuasm.daemon.sink.SinkEvents.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import io.github.opcuasm.daemon.state.LogOf;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sink in a file: what is found there, whatever happens to disk, file and process. */
@Timeout(60)
final class NotificationSinkTest {
    /** The kernel refuses every write to it with ENOSPC. */
    private static final Path FULL_DISK = Path.of("/dev/full");

    @TempDir
    private Path directory;

    @Test
    void aLineIsAnEventWithItsOriginAndTheFileIsItsOwnersAlone() throws Exception {
        Path file = directory.resolve("sink.ndjson");

        try (NotificationSink sink = opened(new SinkConfig.File(file, 1 << 20, 2))) {
            assertThat(get(sink.offer(message(3)))).isTrue();
            get(sink.offer(new PublishedEvent.Gap(SinkEvents.PLC1, null, null, "gone")));
        }

        assertThat(Files.readAllLines(file)).containsExactly("""
                        {"connection":"plc1","sessionId":"0123456789abcdef0123456789abcdef","event":{"type":"Notifications",\
                        "subscriptionId":7,"sequenceNumber":3,"epoch":0,"publishTime":"2026-05-15T08:30:00.1234567+00:00",\
                        "notifications":[{"type":"DataChange","clientHandle":1,"dataValue":{"value":3,"type":8,\
                        "dimensions":null,"statusCode":0,"sourceTimestamp":null,"serverTimestamp":null}},\
                        {"type":"Event","clientHandle":2,"eventFields":[{"type":12,"value":"","dimensions":null}]}]}}""", """
                        {"connection":"plc1","sessionId":"0123456789abcdef0123456789abcdef","event":{"type":"Gap",\
                        "subscriptionId":7,"from":null,"to":null,"reason":"gone"}}""");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void fullFilesAreRenamedAtTheEndOfALineAndTheOldestGo() throws Exception {
        Path file = directory.resolve("sink.ndjson");

        try (NotificationSink sink = opened(new SinkConfig.File(file, 2_000, 2))) {
            for (long number = 1; number <= 20; number++) {
                get(sink.offer(message(number)));
            }
        }

        List<Long> found = new ArrayList<>();
        for (String name : List.of("sink.ndjson.2", "sink.ndjson.1", "sink.ndjson")) {
            assertThat(Files.size(directory.resolve(name))).isBetween(300L, 2_000L);
            found.addAll(numbers(events(directory.resolve(name))));
        }
        assertThat(found)
                .isEqualTo(LongStream.rangeClosed(21 - found.size(), 20).boxed().toList());
        assertThat(found).hasSizeLessThan(20);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void aLineThatIsLongerThanAFileMayBeHasOneForItself() throws Exception {
        Path file = directory.resolve("sink.ndjson");

        try (NotificationSink sink = opened(new SinkConfig.File(file, 1_024, 5))) {
            for (long number = 1; number <= 3; number++) {
                get(sink.offer(message(number, "x".repeat(3_000))));
            }
        }

        assertThat(numbers(events(file))).containsExactly(3L);
        assertThat(numbers(events(directory.resolve("sink.ndjson.1")))).containsExactly(2L);
        assertThat(numbers(events(directory.resolve("sink.ndjson.2")))).containsExactly(1L);
    }

    @Test
    void aFileThatCannotBeRenamedGrowsOn() throws Exception {
        Path file = directory.resolve("sink.ndjson");
        Files.createDirectories(directory.resolve("sink.ndjson.1/not-empty"));

        try (NotificationSink sink = opened(new SinkConfig.File(file, 1_024, 1))) {
            for (long number = 1; number <= 20; number++) {
                assertThat(get(sink.offer(message(number)))).isTrue();
            }
        }

        assertThat(numbers(events(file)))
                .isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    void itIsGoneOnWithWhereItEndedAndHalfALineOfAKilledProcessSpoilsNoOther() throws Exception {
        Path file = directory.resolve("sink.ndjson");
        try (NotificationSink sink = opened(new SinkConfig.File(file, 1 << 20, 2))) {
            get(sink.offer(message(1)));
        }
        Files.writeString(file, "{\"connection\":\"pl", StandardOpenOption.APPEND);

        try (NotificationSink sink = opened(new SinkConfig.File(file, 1 << 20, 2))) {
            get(sink.offer(message(2)));
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).isEqualTo("{\"connection\":\"pl");
        assertThat(numbers(List.of(SinkEvents.event(lines.get(0)), SinkEvents.event(lines.get(2)))))
                .containsExactly(1L, 2L);
    }

    @Test
    void aFileThatWasMovedAwayIsMadeAnew() throws Exception {
        Path file = directory.resolve("sink.ndjson");
        Path moved = directory.resolve("moved");

        try (NotificationSink sink = opened(new SinkConfig.File(file, 1 << 20, 2))) {
            get(sink.offer(message(1)));
            Files.move(file, moved);
            sink.reopen();
            get(sink.offer(message(2)));
        }

        assertThat(numbers(events(moved))).containsExactly(1L);
        assertThat(numbers(events(file))).containsExactly(2L);
    }

    @Test
    void aFullDiskKeepsWhatFitsInTheQueueAndThenTellsHowMuchWasDropped() throws Exception {
        Path file = directory.resolve("sink.ndjson");
        AtomicBoolean full = new AtomicBoolean(true);
        DeliveryQueue queue = new DeliveryQueue(10, 1 << 20);
        try (LogOf log = LogOf.packageOf(NotificationSink.class);
                NotificationSink sink = opened(file, path -> open(path, full.get()), queue)) {
            CompletableFuture<Boolean> first = sink.offer(message(1));
            await().until(() -> queue.size() == 0);
            List<CompletableFuture<Boolean>> later = new ArrayList<>();
            for (long number = 2; number <= 31; number++) {
                later.add(sink.offer(message(number)));
            }
            assertThat(first).isNotDone();
            assertThat(later.subList(0, 20))
                    .allSatisfy(lost -> assertThat(get(lost)).isFalse());
            assertThat(later.subList(20, 30)).noneMatch(CompletableFuture::isDone);

            full.set(false);

            assertThat(get(first)).isTrue();
            for (CompletableFuture<Boolean> written : later.subList(20, 30)) {
                assertThat(get(written)).isTrue();
            }
            assertThat(numbers(events(file)))
                    .containsExactly(1L, -20L, 22L, 23L, 24L, 25L, 26L, 27L, 28L, 29L, 30L, 31L);
            await().untilAsserted(() -> assertThat(log.warnings())
                    .containsExactly(
                            "Sink sink takes less than comes: the oldest messages are dropped",
                            "Sink sink can be written again"));
            assertThat(log.infos()).containsExactly("Sink sink keeps up again; 20 messages were dropped so far");
        }
    }

    /** A disk that fills up takes a part of what is written before it refuses the rest. */
    @Test
    void aLineThatWasTornByAFullDiskIsTakenBackAndWrittenAgain() throws Exception {
        Path file = directory.resolve("sink.ndjson");
        var disk = new SmallDisk(1_000);
        try (NotificationSink sink = opened(file, disk::open, new DeliveryQueue(100, 1 << 20))) {
            List<CompletableFuture<Boolean>> all = new ArrayList<>();
            for (long number = 1; number <= 10; number++) {
                all.add(sink.offer(message(number)));
            }
            await().untilAsserted(() -> assertThat(disk.isFull()).isTrue());
            await().untilAsserted(() -> assertThat(Files.readString(file)).endsWith("\n"));
            assertThat(all.get(9)).isNotDone();

            disk.grow();

            for (CompletableFuture<Boolean> written : all) {
                assertThat(get(written)).isTrue();
            }
        }
        assertThat(numbers(events(file)))
                .isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
    }

    @Test
    void whatCannotBeWrittenByTheEndIsNotSaidToBeAndTheEndIsBounded() throws Exception {
        NotificationSink sink =
                opened(directory.resolve("sink.ndjson"), path -> open(path, true), new DeliveryQueue(10, 1 << 20));
        CompletableFuture<Boolean> first = sink.offer(message(1));
        CompletableFuture<Boolean> second = sink.offer(message(2));

        sink.close();

        assertThat(get(first)).isFalse();
        assertThat(get(second)).isFalse();
        assertThat(get(sink.offer(message(3)))).isFalse();
    }

    @Test
    void whatIsNotAFileOfItsOwnIsRefusedAtTheStart() throws Exception {
        Path open = Files.createFile(
                directory.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("elsewhere"));

        assertThatThrownBy(() -> opened(SinkConfig.File.at(open)))
                .isInstanceOf(DaemonStartException.class)
                .hasMessageContaining("Cannot use " + open + " for a sink: ")
                .hasMessageContaining("may be written by other users");
        assertThatThrownBy(() -> opened(SinkConfig.File.at(link))).hasMessageContaining("is a symbolic link");
        assertThatThrownBy(() -> opened(SinkConfig.File.at(directory.resolve("none/file"))))
                .isInstanceOf(DaemonStartException.class);
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void aCheckSaysWhatIsWrongAndMakesNothing() throws Exception {
        Path regular = Files.createFile(directory.resolve("regular"));

        NotificationSink.check(SinkConfig.File.at(directory.resolve("none-yet")));

        assertThat(directory.resolve("none-yet")).doesNotExist();
        assertThatThrownBy(() -> NotificationSink.check(SinkConfig.File.at(directory)))
                .hasMessage("got " + directory + ", expected a regular file or none");
        assertThatThrownBy(() -> NotificationSink.check(SinkConfig.File.at(directory.resolve("none/file"))))
                .hasMessageContaining("expected a file in a directory that exists");
        Path shared = Files.createFile(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> NotificationSink.check(SinkConfig.File.at(shared)))
                .hasMessageContaining("which may be written by other users, expected a file of this user's");
        assertThatThrownBy(() -> NotificationSink.check(new SinkConfig.Pipe(regular)))
                .hasMessageContaining("is no named pipe; make one with mkfifo");
        assertThatThrownBy(() -> NotificationSink.check(new SinkConfig.Pipe(directory.resolve("none"))))
                .hasMessageContaining("does not exist, expected a named pipe");
    }

    private static FileChannel open(Path path, boolean full) throws IOException {
        FileChannel file = PrivateFiles.append(path);
        if (!full) {
            return file;
        }
        file.close();
        return FileChannel.open(FULL_DISK, StandardOpenOption.WRITE);
    }

    private static NotificationSink opened(SinkConfig config) throws DaemonStartException {
        NotificationSink sink = new NotificationSink(config);
        sink.open();
        return sink;
    }

    private static NotificationSink opened(Path file, RotatingFile.Opening opening, DeliveryQueue queue)
            throws DaemonStartException {
        NotificationSink sink =
                new NotificationSink("sink", new RotatingFile(SinkConfig.File.at(file), opening), queue);
        sink.open();
        return sink;
    }

    private static boolean get(CompletableFuture<Boolean> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }
}
