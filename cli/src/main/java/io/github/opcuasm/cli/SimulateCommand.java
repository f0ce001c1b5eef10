package io.github.opcuasm.cli;

import io.github.opcuasm.simulator.Simulator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Runs the simulator until Ctrl-C. */
final class SimulateCommand implements Command {
    private static final String PORT = "--port";
    private static final String SECURED = "--secured";
    private static final String FILES = "--files";

    /** Whom a secured simulator takes; nothing but a demonstration depends on it. */
    private static final String USER = "operator";

    private static final String PASSWORD = "secret";

    /** Nodes that are worth a first look. */
    static final List<String> NODES = List.of("Dynamic/Counter", "Scalars/Int32", "Scalars/Double", "Arrays/Int32");

    private static final List<String> FOLDERS =
            List.of("Files", "History/Ramp", "History/Editable", "Events/History", "Managed");

    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("N", "where to listen, 0 = a free one (4840)", PORT));
        spec.addOption(Syntax.flag(
                "offer every security policy too, and the user " + USER + " with the password " + PASSWORD, SECURED));
        spec.addOption(
                Syntax.value("DIR", "the files that it serves and changes (its own, for as long as it runs)", FILES));
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) throws Exception {
        String text = given.matchedOptionValue(PORT, "4840");
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new UsageException(PORT + ": got " + text + ", expected 0 to 65535");
        }
        String files = given.matchedOptionValue(FILES, (String) null);
        Path directory = files == null ? null : SessionOption.path(FILES, files);
        if (directory != null && !Files.isDirectory(directory)) {
            throw new UsageException(FILES + ": got " + directory + ", expected a directory that is there");
        }
        LogOutput unused = LogOutput.install(LogSettings.DEFAULTS);
        StopSignal stop = StopSignal.install();
        Simulator.Builder builder = Simulator.builder().port(Integer.parseInt(text));
        if (given.hasMatchedOption(SECURED)) {
            builder.secured(options -> options.user(USER, PASSWORD));
        }
        if (directory != null) {
            builder.files(directory);
        }
        try (Simulator simulator = builder.build()) {
            simulator.start();
            console.out().println("OPC UA simulator on " + simulator.endpointUrl() + " (Ctrl-C ends it). Nodes:");
            for (String node : NODES) {
                console.out().println("  " + Simulator.node(node).toParseableString());
            }
            console.out().println("Files, history, events and nodes to add to:");
            for (String node : FOLDERS) {
                console.out().println("  " + Simulator.node(node).toParseableString());
            }
            console.out().flush();
            stop.await();
        }
        return ExitCode.OK;
    }
}
