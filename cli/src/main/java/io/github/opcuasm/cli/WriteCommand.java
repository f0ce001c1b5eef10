package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.StatusCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Writes one value, once: what may have been sent is never sent again. */
final class WriteCommand extends ServerCommand {
    private static final String TYPE = "--type";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(1, "NODE", "node id (ns=2;s=Speed) or path (/Objects/2:Speed)"));
        spec.addPositional(Syntax.argument(2, "VALUE", "JSON (42, true, [1,2], \"42\"), else text as it is"));
        spec.addOption(Syntax.value("TYPE", "the type to write it as, such as Byte; else the server is asked", TYPE));
    }

    @Override
    Work prepare(ParseResult given) {
        String node = given.matchedPositionalValue(1, "");
        Integer type = type(given.matchedOptionValue(TYPE, (String) null));
        JsonValue value = PlainValue.parse(given.matchedPositionalValue(2, ""), type);
        return call -> {
            StatusCode status = Shown.statusCode(call.query("write", call.node(node), value, type));
            if (call.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("nodeId", node);
                answer.put("statusCode", status.value());
                answer.put("status", status.name());
                call.printJson(answer);
            } else {
                call.print(node + "  " + Shown.status(status));
            }
            return status.isBad() ? ExitCode.BAD_STATUS : ExitCode.OK;
        };
    }

    private static @Nullable Integer type(@Nullable String text) {
        if (text == null) {
            return null;
        }
        var type = BuiltinType.ofName(text);
        if (type.isEmpty()) {
            List<String> names = new ArrayList<>();
            for (BuiltinType valid : BuiltinType.values()) {
                names.add(valid.displayName());
            }
            throw new UsageException(
                    TYPE + ": got " + text + NearestName.hint(text, names, "expected a built-in type such as Int32"));
        }
        return type.get().id();
    }
}
