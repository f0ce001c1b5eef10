package io.github.opcuasm.cli;

import io.github.opcuasm.simulator.Simulator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Runs the simulator until Ctrl-C. */
final class SimulateCommand implements Command {
    private static final String PORT = "--port";
    private static final String SECURED = "--secured";

    /** Whom a secured simulator takes; nothing but a demonstration depends on it. */
    private static final String USER = "operator";

    private static final String PASSWORD = "secret";

    /** Nodes that are worth a first look. */
    static final List<String> NODES = List.of("Dynamic/Counter", "Scalars/Int32", "Scalars/Double", "Arrays/Int32");

    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("N", "where to listen, 0 = a free one (4840)", PORT));
        spec.addOption(Syntax.flag(
                "offer every security policy too, and the user " + USER + " with the password " + PASSWORD, SECURED));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws Exception {
        String text = given.matchedOptionValue(PORT, "4840");
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new UsageException(PORT + ": got " + text + ", expected 0 to 65535");
        }
        LogOutput unused = LogOutput.install(LogSettings.DEFAULTS);
        StopSignal stop = StopSignal.install();
        Simulator.Builder builder = Simulator.builder().port(Integer.parseInt(text));
        if (given.hasMatchedOption(SECURED)) {
            builder.secured(options -> options.user(USER, PASSWORD));
        }
        try (Simulator simulator = builder.build()) {
            simulator.start();
            console.out().println("OPC UA simulator on " + simulator.endpointUrl() + " (Ctrl-C ends it). Nodes:");
            for (String node : NODES) {
                console.out().println("  " + Simulator.node(node).toParseableString());
            }
            console.out().flush();
            stop.await();
        }
        return ExitCode.OK;
    }
}
