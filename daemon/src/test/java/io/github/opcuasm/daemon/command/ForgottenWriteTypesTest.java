package io.github.opcuasm.daemon.command;

import static io.github.opcuasm.daemon.command.RunningDaemon.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a variable takes is read before the first write to it, and again when the caller had it forgotten. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
final class ForgottenWriteTypesTest {
    private RunningDaemon daemon;
    private String session;

    @BeforeAll
    void start() throws Exception {
        daemon = new RunningDaemon(config -> config);
        session = daemon.open("{'opcuaTimeout':20}");
    }

    @AfterAll
    void stop() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "flushCache | [] | 1",
                "invalidateCache | ['ns=2;s=Scalars/UInt16'] | 1",
                "invalidateCache | ['nsu=urn:opcuasm:simulator;s=Scalars/UInt16'] | 1",
                "invalidateCache | ['ns=2;s=Scalars/UInt32'] | 0",
                "getTimeout | [] | 0",
            })
    void areReadAgain(String method, String params, long reads) throws Exception {
        String write = query(session, "write", "['ns=2;s=Scalars/UInt16',16]");
        daemon.data(write);
        daemon.data(write);
        long before = daemon.simulator.counters().received(Service.READ);

        daemon.data(query(session, method, params));
        daemon.data(write);

        assertThat(daemon.simulator.counters().received(Service.READ) - before).isEqualTo(reads);
    }
}
