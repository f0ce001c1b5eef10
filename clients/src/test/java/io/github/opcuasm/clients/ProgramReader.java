package io.github.opcuasm.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * A reader that is a program: it is given how many variables there are and the round to wait for, prints READY when it
 * monitors all, and at its end one line of JSON with at least {@code changes}, {@code lost} and {@code interruptions}.
 */
final class ProgramReader implements StreamReader {
    private static final System.Logger LOG = System.getLogger(ProgramReader.class.getName());
    private static final String READY = "READY";

    private final Script.Running program;

    private ProgramReader(Script.Running program) {
        this.program = program;
    }

    static ProgramReader start(Plant plant, String folder, String interpreter, String file, int variables, long round)
            throws IOException {
        return new ProgramReader(Script.of(interpreter, file, Integer.toString(variables), Long.toString(round))
                .in(folder)
                .environment(plant.environment())
                .start());
    }

    @Override
    public void awaitReady() throws IOException, InterruptedException {
        program.awaitLine(READY);
    }

    @Override
    public Tally await() throws IOException, InterruptedException {
        Script.Result result = program.await();
        if (result.exitCode() != 0) {
            throw new IOException("ended with " + result.exitCode() + ":\n" + result.stdout() + result.stderr());
        }
        String line = result.stdout().substring(READY.length()).strip();
        LOG.log(System.Logger.Level.INFO, "{0}", line);
        JsonNode told = new ObjectMapper().readTree(line);
        return new Tally(
                told.required("changes").longValue(),
                told.required("lost").longValue(),
                told.required("interruptions").longValue());
    }

    @Override
    public void close() {
        program.close();
    }
}
