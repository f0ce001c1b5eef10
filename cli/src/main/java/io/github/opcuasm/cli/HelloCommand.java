package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Which daemon listens: its version, what it has, and the limits that clients must keep to. */
final class HelloCommand extends AdminCommand {
    @Override
    void declareOwn(CommandSpec spec) {}

    @Override
    Request request(ParseResult given) {
        return new Request("hello", Map.of());
    }

    @Override
    void print(JsonValue.Obj answer, ParseResult given, Console console) {
        var table = new Table().keepingAll();
        table.row("daemon", Shown.plain(answer.get("product")) + " " + Shown.plain(answer.get("version")));
        table.row("this program", Main.version());
        table.row("protocol", Shown.plain(answer.get("protocol")));
        table.row("features", joined(answer.get("features")));
        DataTypes.object(answer.get("limits")).members().forEach((name, value) -> table.row(name, Shown.plain(value)));
        table.print(console);
    }

    private static String joined(@Nullable JsonValue names) {
        return names instanceof JsonValue.Arr array
                ? array.elements().stream().map(Shown::plain).collect(Collectors.joining(", "))
                : "-";
    }
}
