package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.ManagedClient;
import io.github.opcuasm.client.OpenedSession;
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
final class WriteCommand implements Command {
    private static final String TYPE = "--type";

    @Override
    public void declare(CommandSpec spec) {
        Target.declare(spec);
        spec.addPositional(Syntax.argument(1, "NODE", "node id: ns=2;s=Speed"));
        spec.addPositional(Syntax.argument(2, "VALUE", "JSON (42, true, [1,2], \"42\"), else text as it is"));
        spec.addOption(Syntax.value("TYPE", "the type to write it as, such as Byte; else the server is asked", TYPE));
        SessionConfig.declare(spec);
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.BAD_STATUS);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        String target = Target.check(given);
        String node = given.matchedPositionalValue(1, "");
        Integer type = type(given.matchedOptionValue(TYPE, (String) null));
        try (ManagedClient client = access.connect()) {
            OpenedSession session = Target.session(client, given);
            long code = client.write(session.sessionId(), node, value(given.matchedPositionalValue(2, ""), type), type);
            StatusCode status = new StatusCode(code & 0xFFFF_FFFFL);
            if (access.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("target", target);
                answer.put("sessionId", session.sessionId());
                answer.put("reused", session.reused());
                answer.put("nodeId", node);
                answer.put("statusCode", status.value());
                answer.put("status", status.name());
                console.out().println(Json.text(Json.of(answer)));
            } else {
                console.out().println(node + "  " + (status.isGood() ? status.name() : status.toString()));
            }
            return status.isBad() ? ExitCode.BAD_STATUS : ExitCode.OK;
        }
    }

    /** With {@code --type String} the text is the value; else what is JSON is taken as JSON. */
    private static JsonValue value(String text, @Nullable Integer type) {
        boolean plain = type != null && type == BuiltinType.STRING.id() && !text.startsWith("\"");
        return plain ? new JsonValue.Str(text) : PlainValue.parse(text);
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
