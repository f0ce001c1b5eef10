package io.github.opcuasm.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import io.github.opcuasm.protocol.IpcEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an application takes on with the client. The list of its jars is not read but proved: a JVM that has these and
 * nothing else makes calls of every kind.
 */
@Timeout(60)
class FootprintTest {
    private static final int MOST_JARS = 5;
    private static final long MOST_BYTES = 3L * 1024 * 1024;

    @Test
    void fiveJarsAndThreeMegabytesAreAllThatItNeeds(@TempDir Path directory) throws Exception {
        // A class of each that the build lets be a dependency (see the pom).
        Set<Path> parts = new LinkedHashSet<>();
        for (Class<?> each : List.of(DaemonClient.class, IpcEndpoint.class, JsonFactory.class, NullMarked.class)) {
            parts.add(Path.of(
                    each.getProtectionDomain().getCodeSource().getLocation().toURI()));
        }
        List<String> jvm = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(":", parts.stream().map(Path::toString).toList()) + ":"
                        + copyOf(CallsOfEveryKind.class, directory),
                CallsOfEveryKind.class.getName());
        Path output = directory.resolve("output");

        try (var daemon = new ScriptedDaemon((id, request, peer) -> peer.succeed(id, "{\"status\":\"ok\"}"))) {
            List<String> command = new ArrayList<>(jvm);
            command.add(daemon.endpoint().uri());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(40, TimeUnit.SECONDS);
            process.destroyForcibly();

            assertThat(output).content().isEqualTo("done\n");
            assertThat(ended).isTrue();
        }
        assertThat(parts).hasSizeLessThanOrEqualTo(MOST_JARS);
        assertThat(parts.stream().mapToLong(FootprintTest::size).sum()).isLessThanOrEqualTo(MOST_BYTES);
    }

    /** The program alone, without the other tests and their libraries. */
    private static Path copyOf(Class<?> program, Path directory) throws IOException, URISyntaxException {
        Path tests = Path.of(
                program.getProtectionDomain().getCodeSource().getLocation().toURI());
        String name = program.getName().replace('.', '/') + ".class";
        Path copy = directory.resolve("program").resolve(name);
        Files.createDirectories(copy.resolve("..").normalize());
        Files.copy(tests.resolve(name), copy);
        return directory.resolve("program");
    }

    /** Bytes of a jar, or of a directory's files: packed they are fewer. */
    private static long size(Path part) {
        try (Stream<Path> files = Files.walk(part)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
