package io.github.opcuasm.daemon.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
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

            signal(process, "HUP");
            assertThat(output.readLine()).isEqualTo("hangup");
            signal(process, "HUP");
            assertThat(output.readLine()).isEqualTo("hangup");
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

    private static void signal(Process process, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
