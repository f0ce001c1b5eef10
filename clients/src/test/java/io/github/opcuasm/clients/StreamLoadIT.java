package io.github.opcuasm.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.simulator.Producers;
import io.github.opcuasm.simulator.Production;
import io.github.opcuasm.simulator.Simulator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Readers get every change of values, one of them and several at once. {@code -Dclients.load.perSecond=50000
 * -Dclients.load.seconds=40} makes a measurement of what is a small check otherwise. Nothing here looks at speed but the
 * time that a reader may take.
 */
@RequiresProgram({"node", "python3"})
class StreamLoadIT {
    /** Of a measurement, without the start of the programs; below a minute. */
    static final int SECONDS = Integer.getInteger("clients.load.seconds", 1);

    private static final int VARIABLES = 500;
    private static final int PER_SECOND = Integer.getInteger("clients.load.perSecond", 5_000);

    @RegisterExtension
    static final Plant PLANT = Plant.of(Simulator.builder().produced(VARIABLES).build());

    /** Starts a reader that ends at this round. */
    @FunctionalInterface
    private interface Starting {
        StreamReader until(long round) throws Exception;
    }

    private static final Starting JAVA = round -> JavaReader.start(PLANT, VARIABLES, round);
    private static final Starting PYTHON =
            round -> ProgramReader.start(PLANT, "load", "python3", "stream_reader.py", VARIABLES, round);
    private static final Starting NODE =
            round -> ProgramReader.start(PLANT, "node", "node", "measure-stream.mjs", VARIABLES, round);

    @Test
    void aNodeReaderGetsEveryChange() throws Exception {
        requireAll(NODE);
    }

    @Test
    void readersInThreeLanguagesAtOnceGetEveryChange() throws Exception {
        requireAll(JAVA, PYTHON, NODE);
    }

    /** The id of one of the variables that change. */
    static String variable(int number) {
        return Simulator.node(Producers.variable(number)).toParseableString();
    }

    private static void requireAll(Starting... starting) throws Exception {
        long round = PLANT.simulator().producers().round() + (long) PER_SECOND * SECONDS / VARIABLES;
        List<StreamReader> readers = new ArrayList<>();
        try {
            for (Starting one : starting) {
                readers.add(one.until(round));
            }
            for (StreamReader reader : readers) {
                reader.awaitReady();
            }
            Production production = PLANT.simulator().producers().change(PER_SECOND);
            try {
                for (StreamReader reader : readers) {
                    StreamReader.Tally tally = reader.await();
                    assertThat(tally).isEqualTo(new StreamReader.Tally(tally.changes(), 0, 0));
                    assertThat(tally.changes()).isGreaterThanOrEqualTo((long) PER_SECOND * SECONDS);
                }
            } finally {
                production.close();
            }
        } finally {
            readers.forEach(StreamReader::close);
        }
    }
}
