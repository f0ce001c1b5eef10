package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Values and when they are from, comma-separated as RFC 4180 has it: lines end with CR and LF, cells are quoted where they must be. */
final class Csv {
    private static final String OPTION = "--csv";
    private static final List<String> HEADER = List.of("time", "node", "value", "type", "status");

    private Csv() {}

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.flag("print CSV with a header: " + String.join(",", HEADER), OPTION));
    }

    /** Whether it was asked for. */
    static boolean of(ParseResult given) {
        boolean csv = given.hasMatchedOption(OPTION);
        if (csv && given.hasMatchedOption("--json")) {
            throw new UsageException("--json: got both " + OPTION + " and --json, expected one of them");
        }
        return csv;
    }

    static void printHeader(PrintWriter out) {
        print(out, HEADER.toArray(String[]::new));
    }

    private static void print(PrintWriter out, String... cells) {
        out.print(Arrays.stream(cells).map(Csv::quoted).collect(Collectors.joining(",")) + "\r\n");
    }

    /** One value of a node. */
    static void print(PrintWriter out, String node, JsonValue.Obj value) {
        print(
                out,
                Changes.time(value),
                node,
                Shown.value(value),
                String.valueOf(Shown.typeName(value)),
                Shown.status(value).name());
    }

    private static String quoted(String text) {
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
