package io.github.opcuasm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.testkit.DaemonProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A killed daemon is followed by one that goes on with its sessions; a script that reads sees one slow answer. */
@RequiresNode
@Timeout(120)
class NodeOpcUaTakeoverIT {
    private static final String USER = "\"username\":\"operator\",\"password\":\"secret\"";
    private static final String SECURED = "\"securityPolicy\":\"Basic256Sha256\",\"securityMode\":3";
    private static final long PAUSE_NANOS = 10_000_000;
    private static final String PATIENT = "{\"opcuaTimeout\":20";

    private static final List<String> CONFIGS = List.of(
            PATIENT + "}",
            PATIENT + ",\"allowPlaintextPassword\":true," + USER + "}",
            PATIENT + "," + SECURED + "}",
            PATIENT + "," + SECURED + "," + USER + "}");

    @Test
    void scriptsGoOnWithTheirSessionsAfterTheDaemonIsKilled(@TempDir Path directory) throws Exception {
        String[] options = {"--state-dir", directory.resolve("state").toString()};
        try (NodeServer server = NodeServer.start(NodeServer.Script.SECURED, directory.resolve("pki"))) {
            DaemonProcess killed = DaemonProcess.in(directory).start(options);
            List<Reader> readers = new ArrayList<>();
            for (String config : CONFIGS) {
                readers.add(new Reader(ScriptSession.open(JsonLines.to(killed), server.url(), config)));
            }
            ScriptSession any = readers.get(0).session;
            long created = count(any, "CreateSession");
            ExecutorService threads = Executors.newFixedThreadPool(readers.size());
            try {
                List<CompletableFuture<Void>> loops = readers.stream()
                        .map(reader -> CompletableFuture.runAsync(reader, threads))
                        .toList();
                await().until(() -> readers.stream().allMatch(reader -> reader.answers.get() >= 10));

                killed.kill9();
                try (DaemonProcess successor = DaemonProcess.in(directory).start(options)) {
                    List<Long> before =
                            readers.stream().map(reader -> reader.answers.get()).toList();
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> List.of(0, 1, 2, 3).stream()
                                    .allMatch(i -> readers.get(i).answers.get() >= before.get(i) + 10));
                    readers.forEach(reader -> reader.over.set(true));
                    CompletableFuture.allOf(loops.toArray(CompletableFuture[]::new))
                            .join();

                    assertThat(readers)
                            .allSatisfy(reader -> assertThat(reader.errors).isEmpty());
                    assertThat(count(any, "CreateSession")).isEqualTo(created);
                    System.out.println("Slowest answer after the kill, ms: "
                            + readers.stream()
                                    .map(reader -> reader.slowestNanos / 1_000_000)
                                    .toList());
                    successor.signal("TERM");
                    assertThat(successor.awaitExit()).isZero();
                }
            } finally {
                readers.forEach(reader -> reader.over.set(true));
                killed.close();
                threads.shutdownNow();
            }
        }
    }

    private static long count(ScriptSession session, String service) throws IOException {
        return session.read("ns=2;s=" + service).get("value").longValue();
    }

    /** Reads over and over, each time on a connection of its own; what ended without an answer is sent again. */
    private static final class Reader implements Runnable {
        private final ScriptSession session;
        private final AtomicLong answers = new AtomicLong();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<JsonNode> errors = new ArrayList<>();
        private volatile long slowestNanos;

        private Reader(ScriptSession session) {
            this.session = session;
        }

        @Override
        public void run() {
            long begun = System.nanoTime();
            while (!over.get()) {
                try {
                    JsonNode answer = session.answer("read", "[\"ns=2;s=Value\"]");
                    if (!answer.path("success").booleanValue()) {
                        errors.add(answer);
                    }
                    slowestNanos = Math.max(slowestNanos, System.nanoTime() - begun);
                    answers.incrementAndGet();
                    begun = System.nanoTime();
                } catch (IOException e) {
                    // The daemon is away: as a script does, it tries again in a moment.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }
}
