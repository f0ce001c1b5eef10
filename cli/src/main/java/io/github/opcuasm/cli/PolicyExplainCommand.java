package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Asks the daemon what its policy would say, without doing it. */
final class PolicyExplainCommand extends AdminCommand {
    private static final String AS = "--as";
    private static final String ENDPOINT = "--endpoint";
    private static final String NODE = "--node";
    private static final String SESSION = "--session";
    private static final String READ_ONLY = "--read-only-socket";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(Syntax.argument(
                0, "ACTION", "a command or a method of the protocol: open, read, write, call, browse, trust"));
        spec.addOption(Syntax.value("WHO", "for somebody else: user:NAME, token:NAME or anyone (needs admin)", AS));
        spec.addOption(Syntax.value("URL", "on which server: its URL, or the name of a connection", ENDPOINT));
        spec.addOption(Syntax.value("NODE", "of which node, such as ns=2;s=Speed", NODE));
        spec.addOption(Syntax.value("ID", "an open session, whose server and namespaces are meant", SESSION));
        spec.addOption(Syntax.flag("as through the read-only socket (needs admin)", READ_ONLY));
    }

    @Override
    Request request(ParseResult given) {
        String action = given.matchedPositionalValue(0, "");
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("action", action);
        members.put("as", given.matchedOptionValue(AS, (String) null));
        String server = given.matchedOptionValue(ENDPOINT, (String) null);
        boolean isName = server != null && NamedConnection.isName(server);
        members.put(isName ? "connection" : "endpointUrl", server);
        members.put("nodeId", given.matchedOptionValue(NODE, (String) null));
        members.put("sessionId", given.matchedOptionValue(SESSION, (String) null));
        members.put("readOnlySocket", given.hasMatchedOption(READ_ONLY) ? true : null);
        return new Request("explain", members);
    }

    @Override
    ExitCode exitCode(JsonValue.Obj answer) {
        return isAllowed(answer) ? ExitCode.OK : ExitCode.FAILURE;
    }

    @Override
    void print(JsonValue.Obj answer, ParseResult given, Console console) {
        console.out()
                .println((isAllowed(answer) ? "allowed" : "refused")
                        + (answer.get("principal") instanceof JsonValue.Str name ? " to " + name.value() : ""));
        if (answer.get("reasons") instanceof JsonValue.Arr reasons) {
            reasons.elements().forEach(reason -> console.out().println("  " + Shown.plain(reason)));
        }
    }

    private static boolean isAllowed(JsonValue.Obj answer) {
        return answer.get("allowed") instanceof JsonValue.Bool allowed && allowed.value();
    }
}
