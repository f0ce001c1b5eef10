package io.github.opcuasm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** docs/java.md shows {@link JavaExamples}, which run. */
@ExtendWith(DaemonExtension.class)
final class JavaDocTest {
    private static final Path SOURCE =
            Path.of("src", "test", "java", "io", "github", "opcuasm", "testkit", "JavaExamples.java");
    private static final Pattern REGION = Pattern.compile("(?s) *// tag (\\w+)\n(.*?) *// end\n");
    private static final Pattern SHOWN = Pattern.compile("(?s)<!-- example: (\\w+) -->\n```java\n(.*?)```\n");

    private static final Pattern LISTENED = Pattern.compile("ns=2;s=Dynamic/Counter [0-9]");

    private static Map<String, String> blocks(Pattern pattern, Path file) throws Exception {
        Map<String, String> blocks = new TreeMap<>();
        Matcher matcher = pattern.matcher(Files.readString(file));
        while (matcher.find()) {
            blocks.put(matcher.group(1), matcher.group(2).stripTrailing().stripIndent());
        }
        return blocks;
    }

    @Test
    void thePageShowsTheExamples() throws Exception {
        assertThat(blocks(SHOWN, Path.of("..", "docs", "java.md"))).isEqualTo(blocks(REGION, SOURCE));
    }

    @Test
    void theExamplesRun(IpcEndpoint endpoint, Simulator server, @TempDir Path directory) throws Exception {
        var examples = new JavaExamples();
        examples.first(endpoint.uri(), server.endpointUrl());
        try (var client = ManagedClient.builder().socket(endpoint).build()) {
            client.connect(server.endpointUrl());
            examples.values(client);
            examples.several(client);
            examples.async(client);
            examples.browse(client);
            examples.writing(client);
            examples.failures(client);
            examples.query(client);
            examples.history(client);
            examples.historicEvents(client);
            examples.nodes(client);
            examples.files(client, directory);
            examples.iterate(client);
            examples.listen(client, () -> awaitOutput(examples));
            examples.session(client, server.endpointUrl());
        }

        assertThat(examples.printed())
                .startsWith("2.718281828459045\n")
                .contains("ns=2;s=Scalars/Int32 Int32\n")
                .contains("value: 300 does not fit Byte (0 to 255)\n")
                .contains("Bad_NodeIdUnknown\n")
                .contains("\"Connected\"\n")
                .contains("2026-01-10T12:00:30Z 26.0\n")
                .contains("mean 23.0\nmean 26.0\n")
                .contains("Optional[DELETE] 26.0\n")
                .contains("added ns=2;s=Managed/Speed 12.5\n")
                .contains("bytes 1024\nbegun\n")
                .endsWith("false\n");
    }

    /** Until the listener has printed. */
    private static void awaitOutput(JavaExamples examples) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        var never = new CountDownLatch(1);
        while (!LISTENED.matcher(examples.printed()).find()) {
            assertThat(System.nanoTime() - end).isNegative();
            try {
                assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
