package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ScriptTest {
    @Test
    void tellsExitCodeAndBothOutputs() throws Exception {
        Script script = Script.of("sh", "-c", "cat; echo \"$GREETING\" >&2; exit 3")
                .environment("GREETING", "good day")
                .input("some text");

        assertThat(script.run()).isEqualTo(new Script.Result(3, "some text", "good day\n"));
    }

    @Test
    void waitsForAWholeLine() throws Exception {
        try (Script.Running cat = Script.of("sh", "-c", "echo READY or not; echo READY; exec sleep 60")
                .start()) {
            cat.awaitLine("READY");
            cat.signal("TERM");

            assertThat(cat.await().exitCode()).isEqualTo(128 + 15);
        }
    }

    @Test
    void aLineThatNeverComesIsAFailureWithAllThatCame() throws Exception {
        try (Script.Running echo =
                Script.of("sh", "-c", "echo hello; echo oh >&2").start()) {

            assertThatThrownBy(() -> echo.awaitLine("READY"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("hello");
        }
    }
}
