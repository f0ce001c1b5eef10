package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs {@code read --json} in a JVM of its own, as any short-lived program would come. */
final class SecondReader {
    private static final long LIMIT_SECONDS = 60;

    private SecondReader() {}

    /** What the other process saw and measured. */
    record Reading(String sessionId, boolean reused, double openMs, double readMs, String value) {}

    static Reading read(IpcEndpoint endpoint, String server, String node) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "read",
                "--json",
                "--socket",
                endpoint.uri(),
                server,
                node);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new ConfigurationException("demo: the second process failed");
            }
            return reading(new String(output, StandardCharsets.UTF_8).strip());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Reading reading(String line) {
        byte[] utf8 = line.getBytes(StandardCharsets.UTF_8);
        try {
            if (JsonReader.readValue(utf8, 0, utf8.length) instanceof JsonValue.Obj answer
                    && answer.get("results") instanceof JsonValue.Arr results
                    && results.elements().get(0) instanceof JsonValue.Obj first) {
                return new Reading(
                        answer.get("sessionId") instanceof JsonValue.Str id ? id.value() : "",
                        answer.get("reused") instanceof JsonValue.Bool reused && reused.value(),
                        number(answer.get("openMs")),
                        number(answer.get("readMs")),
                        String.valueOf(first.get("value")));
            }
        } catch (CommandException e) {
            throw new ConfigurationException("demo: the second process printed no JSON: " + e.getMessage());
        }
        throw new ConfigurationException("demo: the second process printed something else than a reading");
    }

    private static double number(@Nullable JsonValue value) {
        return value instanceof JsonValue.Num number ? number.decimal().doubleValue() : 0;
    }
}
