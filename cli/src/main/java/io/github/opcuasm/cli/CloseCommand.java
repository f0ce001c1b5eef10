package io.github.opcuasm.cli;

import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Ends the use of one session, or of all. */
final class CloseCommand implements Command {
    private static final String ALL = "--all";
    private static final String FORCE = "--force";

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(Syntax.optionalArgument(0, "SESSION", "its id, as list shows it"));
        spec.addOption(Syntax.flag("close every session that list shows", ALL));
        spec.addOption(Syntax.flag("end it for all that share it", FORCE));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        @Nullable String session = given.matchedPositionalValue(0, (String) null);
        boolean all = given.hasMatchedOption(ALL);
        if (all == (session != null)) {
            throw new UsageException("close: expected either a session or --all");
        }
        if (session != null && !Target.isSession(session)) {
            throw new UsageException("SESSION: got " + session
                    + ", expected the 32 hex digits of a session's id, as list shows them; close takes neither a URL nor"
                    + " the name of a connection");
        }
        // One by one, a shared session would only lose a holder each time.
        boolean force = all || given.hasMatchedOption(FORCE);
        List<String> closed = new ArrayList<>();
        List<String> released = new ArrayList<>();
        try (DaemonClient client = access.connect()) {
            List<String> wanted = session == null ? openSessions(client) : List.of(session);
            for (String id : wanted) {
                if (all ? close(client, id) : closeOne(client, id, force)) {
                    closed.add(id);
                }
            }
            List<String> open = force || closed.isEmpty() ? List.of() : openSessions(client);
            closed.stream().filter(open::contains).forEach(released::add);
            closed.removeAll(released);
        }
        if (access.json()) {
            console.out().println(Json.text(Json.of(Shown.members("closed", closed, "released", released))));
        } else if (closed.isEmpty() && released.isEmpty()) {
            console.out().println("No session was open.");
        } else {
            closed.forEach(id -> console.out().println(id + "  closed"));
            released.forEach(id ->
                    console.out().println(id + "  released; others still hold it (--force ends it for all of them)"));
        }
        return ExitCode.OK;
    }

    private static List<String> openSessions(DaemonClient client) {
        List<String> ids = new ArrayList<>();
        for (JsonValue.Obj session : client.list()) {
            if (session.get("id") instanceof JsonValue.Str id) {
                ids.add(id.value());
            }
        }
        return ids;
    }

    private static boolean closeOne(DaemonClient client, String id, boolean force) {
        client.close(id, force);
        return true;
    }

    /** Closes one of all: that it ended in between is what was wanted. */
    private static boolean close(DaemonClient client, String id) {
        try {
            return closeOne(client, id, true);
        } catch (RequestFailedException e) {
            if (e.errorType().filter(ErrorType.SESSION_NOT_FOUND::equals).isPresent()) {
                return false;
            }
            throw e;
        }
    }
}
