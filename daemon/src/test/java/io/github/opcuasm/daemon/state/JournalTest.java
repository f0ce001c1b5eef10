package io.github.opcuasm.daemon.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class JournalTest {
    private static final String NAME = "subscription-01";

    @TempDir
    private Path directory;

    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
    private final StateSeal seal = new StateSeal(new byte[StateSeal.KEY_BYTES]);
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger wanted = new AtomicInteger();
    private Journals journals;

    @BeforeEach
    void open() throws IOException {
        journals = opened();
    }

    @AfterEach
    void stop() {
        writer.shutdownNow();
    }

    @Test
    void entriesAreReadInTheirOrderAfterTheyWereWritten() throws Exception {
        Journal journal = kept();
        journal.rewrite(entries("state"));
        long last = 0;
        for (int i = 0; i < 100; i++) {
            last = journal.append(entry("entry " + i));
        }
        drain();

        assertThat(written).hasValue(last);
        assertThat(read()).hasSize(101).startsWith("state", "entry 0").endsWith("entry 99");
    }

    /** Whoever copies the file learns nothing, and cannot use it under another name. */
    @Test
    void fileIsSealedAndBoundToItsName() throws Exception {
        kept().rewrite(entries("a secret value"));
        drain();

        Files.copy(file(), file("subscription-02"));

        assertThat(Files.readString(file(), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
        assertThat(journals.read("subscription-02")).isEmpty();
        assertThat(setAside()).isEqualTo(1);
        assertThat(read()).containsExactly("a secret value");
    }

    /** A kill may cut a file anywhere: whatever was written whole before is there, and nothing is set aside. */
    @Test
    void whatAKilledProcessWasWritingIsLeftOut() throws Exception {
        byte[] whole = written(20);
        Random random = new Random(1);
        int firstLine = new String(whole, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
        for (int round = 0; round < 50; round++) {
            int length = firstLine + random.nextInt(whole.length - firstLine + 1);
            Files.write(file(), Arrays.copyOf(whole, length));

            List<String> found = read();

            assertThat(found).as("cut to %s bytes", length).isEqualTo(expected(found.size()));
        }
        assertThat(setAside()).isZero();
        assertThat(read().size()).isLessThanOrEqualTo(20);
    }

    @Test
    void damageEndsWhatIsReadAndTheFileIsSetAside() throws Exception {
        byte[] whole = written(20);
        Random random = new Random(2);
        for (int round = 0; round < 40; round++) {
            byte[] damaged = whole.clone();
            int bit = random.nextInt(damaged.length * 8);
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file(), damaged, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
            Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));

            List<String> found = read();

            assertThat(found.size()).as("bit %s", bit).isLessThan(20);
            assertThat(found).isEqualTo(expected(found.size()));
            assertThat(file()).doesNotExist();
        }
        assertThat(setAside()).isEqualTo(40);
    }

    @Test
    void fileThatHasGrownIsAskedToBeWrittenAnewAndShrinks() throws Exception {
        Journal journal = kept();
        journal.rewrite(List.of());
        for (int i = 0; wanted.get() == 0; i++) {
            journal.append(entry("x".repeat(10_000)));
            drain();
            assertThat(i).isLessThan(100);
        }
        long before = Files.size(file());

        journal.rewrite(entries("what lives"));
        journal.append(entry("and goes on"));
        drain();

        assertThat(Files.size(file())).isLessThan(before / 10);
        assertThat(read()).containsExactly("what lives", "and goes on");
    }

    /** Nobody waits for the disk: what does not fit is given up, and asked for again once it can be written. */
    @Test
    void slowDiskHoldsNothingUp() throws Exception {
        Journal journal = kept();
        journal.rewrite(List.of());
        drain();
        CountDownLatch slow = new CountDownLatch(1);
        writer.execute(() -> {
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 0; i < 3 * Journal.MAX_WAITING; i++) {
            journal.append(entry("entry " + i));
        }

        slow.countDown();
        await().until(() -> wanted.get() == 1);
        long last = journal.rewrite(entries("everything"));
        drain();

        assertThat(written).hasValue(last);
        assertThat(read()).containsExactly("everything");
    }

    /** As on a full disk, or where the directory is gone. */
    @Test
    void whatCannotBeWrittenIsTriedAgain() throws Exception {
        Journal journal = kept();
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(directory.resolve("journals"), elsewhere);
        journal.rewrite(entries("one"));
        drain();
        assertThat(written).hasValue(0);

        Files.move(elsewhere, directory.resolve("journals"));
        await().until(() -> wanted.get() > 0);
        long last = journal.rewrite(entries("one", "two"));
        drain();

        assertThat(written).hasValue(last);
        assertThat(read()).containsExactly("one", "two");
    }

    /** A daemon on a directory that is not its own any more must not touch what is another one's. */
    @Test
    void nothingIsWrittenOnceTheDirectoryIsNotOursAnyMore() throws Exception {
        Journal journal = kept();
        journal.rewrite(entries("one"));
        drain();

        journals.close();
        journal.append(entry("two"));
        drain();

        assertThat(JournalFile.read(file(), seal).entries()).hasSize(1);
    }

    @Test
    void journalsThatBelongToNothingAreRemoved() throws Exception {
        kept().rewrite(entries("one"));
        Journal other = journals.keep("subscription-02", keeper());
        other.rewrite(entries("two"));
        Journal removed = journals.keep("subscription-03", keeper());
        removed.rewrite(entries("three"));
        removed.remove();
        drain();

        assertThat(file("subscription-03")).doesNotExist();
        journals.removeOthers(Set.of(NAME));

        assertThat(file("subscription-02")).doesNotExist();
        assertThat(read()).containsExactly("one");
    }

    private byte[] written(int count) throws Exception {
        Journal journal = kept();
        journal.rewrite(List.of());
        for (int i = 0; i < count; i++) {
            journal.append(entry("entry " + i));
            drain();
        }
        return Files.readAllBytes(file());
    }

    private static List<String> expected(int count) {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expected.add("entry " + i);
        }
        return expected;
    }

    private Journals opened() throws IOException {
        Journals opened = new Journals(
                directory.resolve("journals"),
                writer,
                new SetAside(directory.resolve("set-aside"), () -> Instant.EPOCH),
                Duration.ofMillis(50));
        opened.open(seal, () -> true);
        return opened;
    }

    private Journal.Keeper keeper() {
        return new Journal.Keeper() {
            @Override
            public void written(long serial) {
                written.set(serial);
            }

            @Override
            public void rewriteWanted() {
                wanted.incrementAndGet();
            }
        };
    }

    private Journal kept() {
        return journals.keep(NAME, keeper());
    }

    private void drain() throws Exception {
        writer.submit(journals::drain).get(30, TimeUnit.SECONDS);
    }

    private List<String> read() {
        return journals.read(NAME).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    private int setAside() {
        String[] names = directory.resolve("set-aside").toFile().list();
        return names == null ? 0 : names.length;
    }

    private Path file() {
        return file(NAME);
    }

    private Path file(String name) {
        return directory.resolve("journals").resolve(name + ".journal");
    }

    private static List<Journal.Entry> entries(String... texts) {
        return Arrays.stream(texts).map(JournalTest::entry).toList();
    }

    private static Journal.Entry entry(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return () -> bytes;
    }
}
