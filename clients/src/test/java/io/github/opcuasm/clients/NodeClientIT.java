package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Fault;
import io.github.opcuasm.simulator.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The client for Node.js, by its own tests. */
@RequiresProgram("node")
class NodeClientIT {
    @RegisterExtension
    static final Plant PLANT = Plant.guarded();

    @Test
    void passesItsTests() throws Exception {
        Script.Result result = node(
                        "--test", "--test-reporter=spec", "test-client.mjs", "test-services.mjs", "test-faults.mjs")
                .run();

        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        assertThat(result.stdout()).containsPattern("pass [1-9][0-9]").containsPattern("skipped 0\\b");
    }

    @Test
    void outlivesItsDaemonAndSaysWhatWasLost() throws Exception {
        Script script = node("test-killed.mjs");
        try (Script.Running program = startWhileBrowsesHang(script)) {
            program.awaitLine("GONE");
            PLANT.startDaemon();

            Script.Result result = program.await();

            assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
            assertThat(result.stdout()).endsWith("BACK\n");
        } finally {
            if (!PLANT.daemon().isAlive()) {
                PLANT.startDaemon();
            }
        }
    }

    /** Returns when the daemon is dead. */
    private static Script.Running startWhileBrowsesHang(Script script) throws Exception {
        Fault hanging = PLANT.simulator().faults().hang(Service.BROWSE);
        Script.Running program = script.start();
        try {
            program.awaitLine("READY");
            PLANT.daemon().kill9();
            return program;
        } catch (Exception e) {
            program.close();
            throw e;
        } finally {
            hanging.close();
        }
    }

    private static Script node(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "node";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Script.of(command).in("node").environment(PLANT.environment());
    }
}
