package io.github.opcuasm.daemon.sink;

import static io.github.opcuasm.daemon.sink.SinkEvents.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sink in a real named pipe, whose readers come, go and stay away. */
@Timeout(60)
final class NamedPipeTest {
    /** More than a pipe holds. */
    private static final String LONG = "x".repeat(10_000);

    @TempDir
    private Path directory;

    private Path pipe = Path.of("none");

    @BeforeEach
    void makePipe() throws Exception {
        pipe = directory.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assertThat(mkfifo.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aReaderThatComesLaterGetsWhatThePipeHeldAndTheNextOneWhatItLeft() throws Exception {
        try (NotificationSink sink = new NotificationSink(new SinkConfig.Pipe(pipe))) {
            sink.open();
            assertThat(get(sink.offer(message(1)))).isTrue();

            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                assertThat(numbers(reader, 1)).containsExactly(1L);
            }
            assertThat(get(sink.offer(message(2)))).isTrue();

            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                assertThat(numbers(reader, 1)).containsExactly(2L);
            }
        }
    }

    @Test
    void withoutAReaderTheOldestAreDroppedAndTheNextReaderIsTold() throws Exception {
        DeliveryQueue queue = new DeliveryQueue(5, 1 << 20);
        try (NotificationSink sink = new NotificationSink("pipe", new NamedPipe(pipe), queue)) {
            sink.open();
            List<CompletableFuture<Boolean>> all = new ArrayList<>();
            for (long number = 1; number <= 40; number++) {
                all.add(sink.offer(message(number, LONG)));
            }
            await().until(() -> sink.dropped() > 0);
            long dropped = sink.dropped();

            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                List<Long> read = new ArrayList<>();
                while (!read.contains(40L)) {
                    read.addAll(numbers(reader, 1));
                }

                assertThat(read).endsWith(36L, 37L, 38L, 39L, 40L);
                assertThat(read.stream()
                                .filter(number -> number < 0)
                                .mapToLong(number -> -number)
                                .sum())
                        .isEqualTo(dropped);
                for (long number = 1; number <= 40; number++) {
                    assertThat(get(all.get((int) number - 1))).isEqualTo(read.contains(number));
                }
            }
        }
    }

    @Test
    void aPipeThatNobodyReadsDelaysTheEndByNoMoreThanItsBound() throws Exception {
        DeliveryQueue queue = new DeliveryQueue(100, 1 << 20);
        NotificationSink sink = new NotificationSink("pipe", new NamedPipe(pipe), queue);
        sink.open();
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (long number = 1; number <= 20; number++) {
            all.add(sink.offer(message(number, LONG)));
        }

        sink.close();

        assertThat(get(all.get(0))).isTrue();
        assertThat(get(all.get(19))).isFalse();
    }

    private static List<Long> numbers(BufferedReader reader, int count) throws Exception {
        List<JsonValue.Obj> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(SinkEvents.event(reader.readLine()));
        }
        return SinkEvents.numbers(events);
    }

    private static boolean get(CompletableFuture<Boolean> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }
}
