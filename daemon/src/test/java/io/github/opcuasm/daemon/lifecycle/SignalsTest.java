package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsTest {
    @Test
    void eachSignalDoesItsOwnAndRestoredOnesDoTheJvms() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SignalledProcess.class.getName())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            // Nothing of the JVM's own before: reflection must not draw warnings.
            assertThat(output.readLine()).isEqualTo("ready");

            if (!hangupsAreIgnored()) {
                signal(process, "HUP");
                assertThat(output.readLine()).isEqualTo("hangup");
                signal(process, "HUP");
                assertThat(output.readLine()).isEqualTo("hangup");
            }
            signal(process, "INT");
            assertThat(output.readLine()).isEqualTo("terminate");
            signal(process, "TERM");
            assertThat(output.readLine()).isEqualTo("second");
            signal(process, "TERM");
            assertThat(output.readLine()).isEqualTo("second");
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(output.readLine()).isEqualTo("restored");
            signal(process, "TERM");

            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Under nohup all processes ignore it, and the JVM leaves it at that. */
    private static boolean hangupsAreIgnored() throws Exception {
        try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            return status.filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("SigIgn:".length()).strip(), 16))
                    .anyMatch(ignored -> (ignored & 1) != 0);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void signal(Process process, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
