package io.github.opcuasm.daemon.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.opcuasm.daemon.DaemonStartException;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What changes something stands on the disk before it is done, or is not done. */
final class AuditLogTest {
    private static final Actor PHP = new Actor("shop", "token", "www-data", "www-data", "shop", 7);
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-05-15T08:30:00.123456789Z"));

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final AtomicLong nanos = new AtomicLong();

    @TempDir
    Path directory;

    @AfterEach
    void endExecutor() {
        executor.shutdownNow();
    }

    @Test
    void attemptIsInTheFileWhenTheChangeMayBeMade() throws Exception {
        try (AuditLog log = opened(file())) {
            AuditEntry entry = await(log.begin(PHP, AuditEvent.WRITE, write("ns=2;s=Speed", "i=7")));

            assertThat(entries()).singleElement().satisfies(line -> {
                assertThat(text(line, "id")).isEqualTo(entry.id());
                assertThat(text(line, "time")).isEqualTo("2026-05-15T08:30:00.123456Z");
                assertThat(text(line, "phase")).isEqualTo("attempt");
                assertThat(text(line, "event")).isEqualTo("write");
                assertThat(text(line, "principal")).isEqualTo("shop");
                assertThat(text(line, "user")).isEqualTo("www-data");
                assertThat(text(line, "endpoint")).isEqualTo("opc.tcp://plc:4840");
                assertThat(line.get("targets")).hasToString("[\"ns=2;s=Speed\", \"i=7\"]");
            });
        }
    }

    @Test
    void resultFollowsUnderTheIdOfItsAttempt() throws Exception {
        AuditEntry written;
        AuditEntry called;
        try (AuditLog log = opened(file())) {
            written = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
            nanos.addAndGet(2_500_000);
            written.end(AuditResult.done(List.of(new StatusCode(0x801F0000L))));
            written.end(AuditResult.done(List.of()));
            called = await(log.begin(PHP, AuditEvent.CALL, write("i=8")));
            called.end(AuditResult.failed(new CommandException(
                    ErrorType.CONNECTION, "lost with password=hunter2", 0x800A0000L, Outcome.UNKNOWN, null)));
        }

        List<JsonValue.Obj> lines = entries();
        assertThat(lines).hasSize(4);
        assertThat(text(lines.get(1), "id")).isEqualTo(written.id());
        assertThat(text(lines.get(1), "phase")).isEqualTo("result");
        assertThat(text(lines.get(1), "outcome")).isEqualTo("done");
        assertThat(lines.get(1).get("status")).hasToString("[\"Bad_UserAccessDenied (0x801F0000)\"]");
        assertThat(lines.get(1).get("durationMs")).hasToString("2.5");
        assertThat(text(lines.get(3), "id")).isEqualTo(called.id()).isNotEqualTo(written.id());
        assertThat(text(lines.get(3), "outcome")).isEqualTo("unknown");
        assertThat(text(lines.get(3), "error")).isEqualTo("ConnectionException");
        assertThat(text(lines.get(3), "code")).isEqualTo("Bad_Timeout (0x800A0000)");
        assertThat(Files.readString(file())).doesNotContain("hunter2");
    }

    @Test
    void namesOfPeersMakeNoLinesOfTheirOwn() throws Exception {
        String forged = "x\"}\n{\"event\":\"forged\"}\r\u2028";

        try (AuditLog log = opened(file())) {
            AuditEntry unused =
                    await(log.begin(PHP, AuditEvent.CALL, new Subject(forged, forged, forged, List.of(forged))));
        }

        assertThat(entries()).singleElement().satisfies(line -> {
            assertThat(text(line, "event")).isEqualTo("call");
            assertThat(text(line, "method")).isEqualTo(forged);
        });
    }

    @Test
    void userInfoOfUrlsIsLeftOut() {
        Subject subject = new Subject("open", null, "opc.tcp://bob:hunter2@plc:4840/a@b", List.of());

        assertThat(subject.endpoint()).isEqualTo("opc.tcp://plc:4840/a@b");
        assertThat(new Subject("open", null, "opc.tcp://plc/a@b", List.of()).endpoint())
                .isEqualTo("opc.tcp://plc/a@b");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void fileIsForItsOwnerOnly() throws Exception {
        try (AuditLog log = opened(file())) {
            AuditEntry unused = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void opensNothingThatSomebodyElseMayHavePlanted() throws Exception {
        Path victim = Files.writeString(directory.resolve("victim"), "precious\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("none"));
        Path hardLink = Files.createLink(directory.resolve("hard"), victim);
        Path shared = Files.createFile(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rw-rw----"));
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        for (Path planted : List.of(link, dangling, hardLink, shared, pipe, directory, directory.resolve("no/dir"))) {
            AuditLog log = log(planted);
            assertThatThrownBy(log::open)
                    .as(planted.toString())
                    .isInstanceOf(DaemonStartException.class)
                    .hasMessageContaining("--audit-log");
        }
        assertThat(victim).hasContent("precious\n");
        assertThat(directory.resolve("none")).doesNotExist();
    }

    @Test
    void fullDiskRefusesChangesUntilThereIsRoomAgain() throws Exception {
        FillingDisk disk = new FillingDisk();
        try (AuditLog log = log(new AuditFile(file(), disk))) {
            log.open();
            AuditEntry before = await(log.begin(PHP, AuditEvent.WRITE, write("i=1")));
            disk.leave(50);

            CommandException refusal = refusal(log.begin(PHP, AuditEvent.WRITE, write("i=2")));
            before.end(AuditResult.done(List.of(StatusCode.GOOD)));
            CommandException another = refusal(log.begin(PHP, AuditEvent.WRITE, write("i=3")));
            disk.leave(Long.MAX_VALUE);
            AuditEntry after = await(log.begin(PHP, AuditEvent.WRITE, write("i=4")));

            assertThat(refusal.type()).isEqualTo(ErrorType.OVERLOADED);
            assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(refusal.messageText()).contains("audit log").doesNotContain(directory.toString());
            assertThat(another.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(log.refused()).isEqualTo(2);
            assertThat(log.lost()).isEqualTo(1);
            List<String> lines = Files.readAllLines(file());
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).contains(before.id());
            assertThat(lines.get(1)).hasSize(50);
            assertThat(lines.get(2)).contains(after.id()).startsWith("{").endsWith("}");
        }
    }

    @Test
    void ofLinesWrittenTogetherThoseCountThatAreComplete() throws Exception {
        FillingDisk disk = new FillingDisk();
        AuditFile file = new AuditFile(file(), disk);
        byte[] line = "0123456789\n".getBytes(StandardCharsets.UTF_8);
        disk.leave(25);

        AuditFile.Appended appended = file.append(List.of(line, line, line));

        assertThat(appended.lines()).isEqualTo(2);
        assertThat(appended.failure()).hasMessage("No space left on device");
    }

    @Test
    void halfALineOfAKilledDaemonDoesNotSpoilTheNext() throws Exception {
        Files.writeString(file(), "{\"time\":\"2026-05", StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));

        AuditEntry entry;
        try (AuditLog log = opened(file())) {
            entry = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
        }

        List<String> lines = Files.readAllLines(file());
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).startsWith("{").contains(entry.id());
    }

    @Test
    void entriesFollowThePathWhenTheFileIsMovedAway() throws Exception {
        try (AuditLog log = opened(file())) {
            AuditEntry first = await(log.begin(PHP, AuditEvent.WRITE, write("i=1")));
            Path moved = Files.move(file(), directory.resolve("audit.log.1"));
            log.reopen();
            AuditEntry second = await(log.begin(PHP, AuditEvent.WRITE, write("i=2")));
            Files.delete(file());
            AuditEntry third = await(log.begin(PHP, AuditEvent.WRITE, write("i=3")));

            assertThat(Files.readString(moved)).contains(first.id()).doesNotContain(second.id());
            assertThat(Files.readString(file())).contains(third.id()).doesNotContain(second.id());
        }
    }

    @Test
    void changesAreRefusedWhileTheDirectoryIsGone() throws Exception {
        Path mounted = Files.createDirectory(directory.resolve("disk"));
        try (AuditLog log = opened(mounted.resolve("audit.log"))) {
            AuditEntry unused = await(log.begin(PHP, AuditEvent.WRITE, write("i=1")));
            Path away = Files.move(mounted, directory.resolve("away"));

            CommandException refusal = refusal(log.begin(PHP, AuditEvent.WRITE, write("i=2")));
            Files.move(away, mounted);
            AuditEntry back = await(log.begin(PHP, AuditEvent.WRITE, write("i=3")));

            assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(Files.readAllLines(mounted.resolve("audit.log")))
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains(back.id());
        }
    }

    @Test
    void diskThatStandsStillHoldsABoundedNumberOfEntries() throws Exception {
        Queue<Runnable> tasks = new ArrayDeque<>();
        AuditLog log = new AuditLog(file(), tasks::add, CLOCK, nanos::get, new Random(1));
        log.open();
        AuditEntry begun = begun(log, tasks);
        List<CompletableFuture<AuditEntry>> attempts = new ArrayList<>();
        for (int i = 0; i <= AuditWriter.MAX_WAITING; i++) {
            attempts.add(log.begin(PHP, AuditEvent.WRITE, write("i=" + i)));
        }
        begun.end(AuditResult.done(List.of(StatusCode.GOOD)));

        CommandException refusal = refusal(attempts.get(AuditWriter.MAX_WAITING));
        assertThat(attempts.subList(0, AuditWriter.MAX_WAITING)).noneMatch(CompletableFuture::isDone);
        assertThat(tasks).hasSize(1);
        tasks.remove().run();

        assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(attempts.subList(0, AuditWriter.MAX_WAITING)).allMatch(CompletableFuture::isDone);
        assertThat(log.lost()).isZero();
        assertThat(Files.readAllLines(file())).hasSize(AuditWriter.MAX_WAITING + 2);
    }

    @Test
    void largeEntriesAreBoundedByTheirBytes() throws Exception {
        Queue<Runnable> tasks = new ArrayDeque<>();
        AuditLog log = new AuditLog(file(), tasks::add, CLOCK, nanos::get, new Random(1));
        log.open();
        Subject large = write("ns=2;s=" + "x".repeat(1 << 20));

        List<CompletableFuture<AuditEntry>> attempts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            attempts.add(log.begin(PHP, AuditEvent.WRITE, large));
        }

        assertThat(attempts.get(6)).isNotDone();
        assertThat(refusal(attempts.get(7)).type()).isEqualTo(ErrorType.OVERLOADED);
    }

    @Test
    void floodOfRefusalsDoesNotFillTheDisk() throws Exception {
        AuditResult refused = AuditResult.failed(new CommandException(ErrorType.AUTH_FAILED, "no"));
        try (AuditLog log = opened(file())) {
            for (int i = 0; i < 10_000; i++) {
                log.note(PHP, AuditEvent.AUTHENTICATION, Subject.ofDaemon("read"), refused);
            }
            AuditEntry unused = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            log.note(PHP, AuditEvent.AUTHENTICATION, Subject.ofDaemon("read"), refused);
        }

        List<JsonValue.Obj> lines = entries();
        assertThat(lines).hasSize(NoteQuotas.REFUSALS + 2);
        assertThat(text(lines.get(0), "outcome")).isEqualTo("refused");
        assertThat(text(lines.get(0), "error")).isEqualTo("auth_failed");
        assertThat(lines.get(lines.size() - 1).get("suppressed")).hasToString("9940");
    }

    @Test
    void noiseOfOneHidesNothingOfAnotherAndIsCountedAtTheEnd() throws Exception {
        AuditResult refused = AuditResult.failed(new CommandException(ErrorType.ACCESS_DENIED, "no"));
        Actor bob = new Actor("user:bob", "user", "bob", "staff", null, 8);
        try (AuditLog log = opened(file())) {
            for (int i = 0; i < 200; i++) {
                log.note(PHP, AuditEvent.ACCESS, write("i=7"), refused);
            }
            log.note(bob, AuditEvent.ACCESS, write("i=8"), refused);
        }

        List<JsonValue.Obj> lines = entries();
        assertThat(lines).hasSize(NoteQuotas.REFUSALS + 2);
        assertThat(text(lines.get(NoteQuotas.REFUSALS), "principal")).isEqualTo("user:bob");
        assertThat(text(lines.get(lines.size() - 1), "method")).isEqualTo("suppressed");
        assertThat(text(lines.get(lines.size() - 1), "principal")).isEqualTo("shop");
        assertThat(lines.get(lines.size() - 1).get("suppressed")).hasToString("140");
    }

    @Test
    void openingAndClosingInALoopDoesNotFillTheDisk() throws Exception {
        try (AuditLog log = opened(file())) {
            for (int i = 0; i < 10_000; i++) {
                log.note(PHP, AuditEvent.OPEN, write(), AuditResult.done(List.of()));
                if (i % 100 == 0) {
                    AuditEntry unused = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
                }
            }
        }

        assertThat(entries().stream().filter(line -> text(line, "event").equals("open")))
                .hasSize(NoteQuotas.SESSIONS + 1);
    }

    @Test
    void manyPrincipalsAreToldApartWithinABound() throws Exception {
        AuditResult refused = AuditResult.failed(new CommandException(ErrorType.ACCESS_DENIED, "no"));
        int many = NoteQuotas.MAX_BUCKETS + 1_000;
        try (AuditLog log = opened(file())) {
            for (int i = 0; i < many; i++) {
                Actor actor = new Actor("user:" + i, "user", "u" + i, null, null, i);
                log.note(actor, AuditEvent.ACCESS, write("i=7"), refused);
                if (i % 100 == 0) {
                    AuditEntry unused = await(log.begin(PHP, AuditEvent.WRITE, write("i=7")));
                }
            }
        }

        assertThat(entries().stream().filter(line -> text(line, "event").equals("access")))
                .hasSize(NoteQuotas.MAX_BUCKETS + NoteQuotas.REFUSALS + 1);
    }

    @Test
    void notesThatWaitLeaveRoomForAttempts() throws Exception {
        Queue<Runnable> standing = new ArrayDeque<>();
        AuditLog log = new AuditLog(file(), standing::add, CLOCK, nanos::get, new Random(1));
        log.open();
        for (int i = 0; i < 2 * AuditWriter.MAX_WAITING; i++) {
            log.note(PHP, AuditEvent.DAEMON, Subject.ofDaemon("any"), AuditResult.done(List.of()));
        }

        CompletableFuture<AuditEntry> attempt = log.begin(PHP, AuditEvent.WRITE, write("i=7"));
        standing.remove().run();

        assertThat(attempt).isCompleted();
        assertThat(attempt.isCompletedExceptionally()).isFalse();
        assertThat(log.lost()).isEqualTo(AuditWriter.MAX_WAITING * 3L / 2);
    }

    @Test
    void closingWritesWhatWaits() throws Exception {
        AuditLog log = opened(file());
        for (int i = 0; i < 100; i++) {
            log.note(PHP, AuditEvent.OPEN, write(), AuditResult.done(List.of()));
        }

        log.close();
        log.close();

        assertThat(entries()).hasSize(100);
        assertThat(refusal(log.begin(PHP, AuditEvent.WRITE, write("i=7"))).outcome())
                .isEqualTo(Outcome.NOT_SENT);
    }

    @Test
    void withoutAFileEverythingMayBeDoneAtOnce() {
        AuditLog none = AuditLog.none();

        CompletableFuture<AuditEntry> entry = none.begin(PHP, AuditEvent.WRITE, write("i=7"));

        assertThat(entry).isCompletedWithValue(AuditEntry.NONE);
        assertThat(none.isRecording()).isFalse();
    }

    private Path file() {
        return directory.resolve("audit.log");
    }

    private AuditLog opened(Path path) throws DaemonStartException {
        AuditLog log = log(path);
        log.open();
        return log;
    }

    private AuditLog log(Path path) {
        return log(new AuditFile(path));
    }

    private AuditLog log(AuditFile file) {
        Ticker ticker = nanos::get;
        return new AuditLog(file, "audit.log", executor, CLOCK, ticker, new Random(1));
    }

    private static AuditEntry begun(AuditLog log, Queue<Runnable> tasks) throws Exception {
        CompletableFuture<AuditEntry> entry = log.begin(PHP, AuditEvent.WRITE, write("i=1"));
        tasks.remove().run();
        return await(entry);
    }

    private static Subject write(String... targets) {
        return new Subject("write", "0123", "opc.tcp://plc:4840", List.of(targets));
    }

    private List<JsonValue.Obj> entries() throws IOException {
        List<JsonValue.Obj> entries = new ArrayList<>();
        for (String line : Files.readAllLines(file())) {
            byte[] json = line.getBytes(StandardCharsets.UTF_8);
            entries.add((JsonValue.Obj) JsonReader.readValue(json, 0, json.length));
        }
        return entries;
    }

    private static String text(JsonValue.Obj object, String member) {
        return object.get(member) instanceof JsonValue.Str text ? text.value() : "";
    }

    private static AuditEntry await(CompletableFuture<AuditEntry> entry) throws Exception {
        return entry.get(30, TimeUnit.SECONDS);
    }

    private static CommandException refusal(CompletableFuture<AuditEntry> entry) throws Exception {
        try {
            throw new AssertionError(
                    "was recorded as " + entry.get(30, TimeUnit.SECONDS).id());
        } catch (ExecutionException e) {
            return (CommandException) requireNonNull(e.getCause());
        }
    }
}
