package io.github.opcuasm.daemon.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class StateStoreTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path directory;

    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        writer.shutdownNow();
    }

    @Test
    void whatWasWrittenIsReadAgainAndWhatWasRemovedIsNot() throws Exception {
        StateStore store = opened();
        done(store.write("handle-01", content("one")));
        done(store.write("handle-02", content("two")));
        done(store.write("handle-01", content("one, later")));
        store.remove("handle-02");
        done(store.flush());

        assertThat(read()).containsExactly(Map.entry("handle-01", "one, later"));
    }

    @Test
    void filesAreTheirOwnersAloneAndSoIsTheKey() throws Exception {
        StateStore store = opened();

        done(store.write("handle-01", content("SECRET")));

        assertThat(mode("sessions")).isEqualTo("rwx------");
        assertThat(mode("sessions/handle-01.sealed")).isEqualTo("rw-------");
        assertThat(mode("own")).isEqualTo("rwx------");
        assertThat(mode("own/state.key")).isEqualTo("rw-------");
        assertThat(Files.readAllBytes(path("own/state.key"))).hasSize(32);
        assertThat(text("handle-01"))
                .matches("(?s)opcuasm-state 1 [0-9a-f]{16} [0-9]+\n.*")
                .doesNotContain("SECRET");
    }

    @Test
    void equalContentsHaveNothingInCommonInTheirFiles() throws Exception {
        StateStore store = opened();

        done(store.write("handle-01", content("same")));
        String first = text("handle-01");
        done(store.write("handle-01", content("same")));

        assertThat(text("handle-01")).isNotEqualTo(first);
    }

    /** What can have happened to a file while nobody looked. */
    enum Damage {
        EMPTIED("is empty") {
            @Override
            void doTo(Path file) throws IOException {
                Files.write(file, new byte[0]);
            }
        },
        TRUNCATED_IN_ITS_FIRST_LINE("none of ours, or truncated") {
            @Override
            void doTo(Path file) throws IOException {
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 20));
            }
        },
        TRUNCATED("is truncated") {
            @Override
            void doTo(Path file) throws IOException {
                byte[] content = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(content, content.length - 1));
            }
        },
        LENGTHENED("was changed") {
            @Override
            void doTo(Path file) throws IOException {
                byte[] content = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(content, content.length + 1));
            }
        },
        ONE_BIT_FLIPPED("was changed") {
            @Override
            void doTo(Path file) throws IOException {
                byte[] content = Files.readAllBytes(file);
                content[content.length - 20] ^= 1;
                Files.write(file, content);
            }
        },
        FOREIGN("none of ours") {
            @Override
            void doTo(Path file) throws IOException {
                Files.writeString(file, "{\"sessions\":[]}\n");
            }
        },
        OF_A_LATER_VERSION("is of version 7") {
            @Override
            void doTo(Path file) throws IOException {
                Files.writeString(file, "opcuasm-state 7 whatever comes\n...");
            }
        },
        OF_ANOTHER_KEY("another key") {
            @Override
            void doTo(Path file) throws IOException {
                StateSeal other = new StateSeal(new byte[32]);
                Files.write(file, other.seal(file.getFileName().toString(), new byte[8]));
            }
        },
        HUGE("is larger than") {
            @Override
            void doTo(Path file) throws IOException {
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), StateFiles.MAX_BYTES + 1));
            }
        },
        READABLE_BY_OTHERS("is open to other users (rw-r-----)") {
            @Override
            void doTo(Path file) throws IOException {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            }
        },
        A_LINK("is a symbolic link") {
            @Override
            void doTo(Path file) throws IOException {
                Path elsewhere = file.resolveSibling("../elsewhere");
                Files.move(file, elsewhere);
                Files.createSymbolicLink(file, elsewhere);
            }
        },
        WITH_ANOTHER_NAME("has 2 names") {
            @Override
            void doTo(Path file) throws IOException {
                Files.createLink(file.resolveSibling("../elsewhere"), file);
            }
        },
        A_DIRECTORY("is a directory") {
            @Override
            void doTo(Path file) throws IOException {
                Files.delete(file);
                Files.createDirectory(file);
            }
        };

        private final String said;

        Damage(String said) {
            this.said = said;
        }

        abstract void doTo(Path file) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void damagedFileIsSetAsideAndTheOthersAreRead(Damage damage) throws Exception {
        StateStore store = opened();
        done(store.write("handle-01", content("damaged")));
        done(store.write("handle-02", content("sound")));
        damage.doTo(path("sessions/handle-01.sealed"));

        String log = LogOf.warnings(() -> assertThat(read()).containsExactly(Map.entry("handle-02", "sound")));

        assertThat(log.lines()).singleElement().asString().contains("handle-01.sealed", damage.said, "set aside");
        assertThat(names("sessions")).containsExactly("handle-02.sealed");
        assertThat(names("set-aside")).containsExactly("20260102T030405.000-handle-01.sealed");
        assertThat(LogOf.warnings(() -> assertThat(read()).hasSize(1))).isEmpty();
    }

    @Test
    void whatIsLostWithAFileIsSaidByItsKind() throws Exception {
        opened();
        for (String name : List.of("handle-01.sealed", "other-01.sealed", "README.txt", "session-01.sealed")) {
            Files.writeString(path("sessions/" + name), "foreign");
            Files.setPosixFilePermissions(path("sessions/" + name), PosixFilePermissions.fromString("rw-------"));
        }

        String log = LogOf.warnings(() -> assertThat(read()).isEmpty());

        String aside = path("set-aside").toString();
        assertThat(log.lines())
                .containsExactly(
                        "README.txt in " + path("sessions") + " is no state file. It is set aside in " + aside,
                        "The state file handle-01.sealed is none of ours, or truncated. It is set aside in " + aside
                                + ", and its session id is lost: whoever used that has to open again",
                        "The state file other-01.sealed is none of ours, or truncated. It is set aside in " + aside,
                        "The state file session-01.sealed is none of ours, or truncated. It is set aside in " + aside
                                + ": its handle, if that can be read, goes on with a new OPC UA session");
    }

    @Test
    void filesThatChangedPlacesAreBothSetAside() throws Exception {
        StateStore store = opened();
        done(store.write("handle-01", content("one")));
        done(store.write("handle-02", content("two")));
        Path one = path("sessions/handle-01.sealed");
        Path two = path("sessions/handle-02.sealed");
        Files.move(one, path("between"));
        Files.move(two, one);
        Files.move(path("between"), two);

        String log = LogOf.warnings(() -> assertThat(read()).isEmpty());

        assertThat(log.lines()).hasSize(2).allMatch(line -> line.contains("belongs under another name"));
    }

    @Test
    void lostKeyIsSaidOnceAndANewOneIsMade() throws Exception {
        for (byte[] broken : new byte[][] {new byte[0], new byte[31], null}) {
            StateStore store = opened();
            done(store.write("handle-01", content("one")));
            done(store.write("handle-02", content("two")));
            if (broken == null) {
                Files.delete(path("own/state.key"));
            } else {
                Files.write(path("own/state.key"), broken);
            }

            String log = LogOf.warnings(() -> assertThat(read()).isEmpty());

            assertThat(log.lines()).singleElement().asString().contains("The key of the state", "2 files", "set aside");
            assertThat(Files.readAllBytes(path("own/state.key"))).hasSize(32);
            assertThat(names("sessions")).isEmpty();
        }
    }

    @Test
    void keyThatOthersCouldReadIsShutAgain() throws Exception {
        done(opened().write("handle-01", content("one")));
        Files.setPosixFilePermissions(path("own/state.key"), PosixFilePermissions.fromString("rw-rw-r--"));

        String log = LogOf.warnings(() -> assertThat(read()).hasSize(1));

        assertThat(log).contains("state.key", "is shut");
        assertThat(mode("own/state.key")).isEqualTo("rw-------");
    }

    @Test
    void whatACrashLeftHalfIsRemoved() throws Exception {
        done(opened().write("handle-01", content("one")));
        Files.writeString(path("sessions/.new4711.tmp"), "opcuasm-st");

        assertThat(read()).hasSize(1);

        assertThat(names("sessions")).containsExactly("handle-01.sealed");
    }

    @Test
    void aBoundedNumberOfFilesIsKeptAside() throws Exception {
        StateStore store = opened();
        for (int i = 0; i < SetAside.KEPT + 7; i++) {
            Files.writeString(path("sessions/handle-" + i + ".sealed"), "foreign");
        }

        assertThat(read()).isEmpty();

        assertThat(names("set-aside")).hasSize(SetAside.KEPT);
        store.close();
    }

    @Test
    void directoryThatIsALinkIsNotUsedAndNothingFails() throws Exception {
        Path elsewhere = Files.createDirectory(path("elsewhere"));
        Files.createSymbolicLink(path("sessions"), elsewhere);
        StateStore store = store();

        String log = LogOf.errors(() -> assertThat(store.open(() -> true)).isEmpty());
        done(store.write("handle-01", content("one")));

        assertThat(log).contains("cannot be used");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void ofManyChangesTheLastIsWrittenAndNoMoreThanOneWaits() throws Exception {
        StateStore store = opened();
        CountDownLatch standing = stop(store);
        AtomicInteger asked = new AtomicInteger();
        List<CompletableFuture<Void>> waiters = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String text = Integer.toString(i);
            waiters.add(store.write("handle-01", () -> {
                asked.incrementAndGet();
                return content(text).get();
            }));
        }

        standing.countDown();
        for (CompletableFuture<Void> waiter : waiters) {
            done(waiter);
        }

        assertThat(asked).hasValue(1);
        assertThat(read()).containsExactly(Map.entry("handle-01", "999"));
    }

    @Test
    void whatIsRemovedBeforeItWasWrittenCostsNothing() throws Exception {
        StateStore store = opened();
        CountDownLatch standing = stop(store);
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Void> written = store.write("handle-01", () -> {
            asked.incrementAndGet();
            return List.of();
        });

        store.remove("handle-01");

        assertThat(written).isCompleted();
        standing.countDown();
        done(store.flush());
        assertThat(asked).hasValue(0);
        assertThat(names("sessions")).isEmpty();
    }

    @Test
    void whoWaitsGoesBeforeWhatCanWait() throws Exception {
        StateStore store = opened();
        CountDownLatch standing = stop(store);
        List<String> order = new ArrayList<>();
        store.writeLater("handle-01", () -> noted(order, "later"));
        CompletableFuture<Void> urgent = store.write("handle-02", () -> noted(order, "urgent"));

        standing.countDown();
        done(urgent);
        done(store.flush());

        assertThat(order).containsExactly("urgent", "later");
    }

    @Test
    void changesOfManyThreadsAllArrive() throws Exception {
        StateStore store = opened();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String record = "handle-0" + i;
            Thread thread = new Thread(() -> {
                for (int n = 0; n <= 100; n++) {
                    String text = record + "/" + n;
                    CompletableFuture<Void> unused = store.write(record, content(text));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        done(store.flush());

        assertThat(read())
                .hasSize(8)
                .allSatisfy((record, text) -> assertThat(text).isEqualTo(record + "/100"));
    }

    @Test
    void diskThatFailsIsSaidOnceAndWhatWaitedIsWrittenWhenItWorksAgain() throws Exception {
        StateStore store = opened();
        done(store.write("handle-01", content("before")));
        Files.move(path("sessions"), path("away"));

        String log = LogOf.warnings(() -> {
            for (int i = 0; i < 5; i++) {
                CompletableFuture<Void> write = store.write("handle-0" + (i + 1), content("during"));
                assertThatThrownBy(() -> done(write)).hasMessageContaining("cannot be written");
            }
        });
        Files.move(path("away"), path("sessions"));
        done(store.write("handle-06", content("after")));
        done(store.flush());

        assertThat(log.lines()).hasSize(1);
        assertThat(read().values()).hasSize(6).doesNotContain("before");
    }

    @Test
    void diskThatWorksAgainIsNoticedWithoutAnotherChange() throws Exception {
        StateStore store = opened();
        Files.move(path("sessions"), path("away"));
        CompletableFuture<Void> write = store.write("handle-01", content("during"));
        assertThatThrownBy(() -> done(write)).hasMessageContaining("cannot be written");

        Files.move(path("away"), path("sessions"));

        await().atMost(20, TimeUnit.SECONDS).until(() -> !names("sessions").isEmpty());
    }

    @Test
    void whoLostTheDirectoryWritesNoMore() throws Exception {
        AtomicBoolean held = new AtomicBoolean(true);
        StateStore store = store();
        assertThat(store.open(held::get)).isEmpty();
        done(store.write("handle-01", content("mine")));

        held.set(false);
        String log = LogOf.errors(() -> {
            done(store.write("handle-01", content("not mine any more")));
            done(store.write("handle-02", content("neither")));
            store.remove("handle-01");
            done(store.flush());
        });

        assertThat(log.lines()).singleElement().asString().contains("another daemon");
        assertThat(read()).containsExactly(Map.entry("handle-01", "mine"));
    }

    @Test
    void whatCannotBeToldOrIsTooLargeIsNotTriedAgain() throws Exception {
        StateStore store = opened();

        done(store.write("handle-01", () -> {
            throw new IllegalStateException("a defect");
        }));
        done(store.write("handle-02", () -> List.of(new StatePart("text", 1, new byte[StateFiles.MAX_BYTES]))));
        done(store.write("handle-03", content("sound")));

        assertThat(read()).containsOnlyKeys("handle-03");
    }

    private static List<StatePart> noted(List<String> order, String what) {
        order.add(what);
        return List.of();
    }

    private StateStore store() {
        return new StateStore(directory, writer, () -> NOW);
    }

    private StateStore opened() {
        StateStore store = store();
        store.open(() -> true);
        return store;
    }

    /** The disk stands still until the latch is counted down. */
    private CountDownLatch stop(StateStore store) throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch standing = new CountDownLatch(1);
        CompletableFuture<Void> unused = store.write("handle-ff", () -> {
            began.countDown();
            try {
                standing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        });
        began.await();
        store.remove("handle-ff");
        return standing;
    }

    /** What the next daemon finds. */
    private Map<String, String> read() {
        return store().open(() -> true).stream().collect(Collectors.toMap(StateRecord::name, StateStoreTest::textOf));
    }

    private static String textOf(StateRecord record) {
        try {
            return record.require("text", 1).text();
        } catch (DamagedStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static java.util.function.Supplier<List<StatePart>> content(String text) {
        return () -> List.of(
                new StatePart("text", 1, new PartWriter().text(text).toBytes()),
                new StatePart("subscriptions", 3, new byte[] {1}));
    }

    private static void done(CompletableFuture<Void> future) throws Exception {
        future.get(20, TimeUnit.SECONDS);
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private String text(String record) throws IOException {
        return Files.readString(path("sessions/" + record + ".sealed"), StandardCharsets.ISO_8859_1);
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path(name)));
    }

    private List<String> names(String of) throws IOException {
        try (Stream<Path> all = Files.list(path(of))) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }
}
