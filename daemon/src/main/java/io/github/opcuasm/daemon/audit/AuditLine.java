package io.github.opcuasm.daemon.audit;

import io.github.opcuasm.protocol.json.JsonEncoder;
import io.github.opcuasm.protocol.json.JsonOutput;
import io.github.opcuasm.protocol.json.JsonStyle;
import io.github.opcuasm.protocol.type.StatusCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the file. Whatever a peer put into a name or a node id, it stays one line: JSON has no line break within a
 * string.
 */
final class AuditLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private AuditLine() {}

    /** Before it is done: who, what, to what. */
    static byte[] attempt(Instant time, String id, Actor actor, AuditEvent event, Subject subject) {
        return line(out -> {
            start(out, time, id, "attempt", actor, event, subject);
            whatAndWhere(out, actor, subject);
        });
    }

    /** After it was done: what came of it. The attempt of the same id has the rest. */
    static byte[] result(
            Instant time,
            String id,
            Actor actor,
            AuditEvent event,
            Subject subject,
            AuditResult result,
            Duration duration) {
        return line(out -> {
            start(out, time, id, "result", actor, event, subject);
            outcome(out, result);
            out.name("durationMs");
            out.number(Math.floor(duration.toNanos() / 1e3) / 1e3);
        });
    }

    /** What is recorded once, when it is over. */
    static byte[] note(
            Instant time,
            String id,
            Actor actor,
            AuditEvent event,
            Subject subject,
            AuditResult result,
            long suppressed) {
        return line(out -> {
            start(out, time, id, "note", actor, event, subject);
            whatAndWhere(out, actor, subject);
            outcome(out, result);
            if (suppressed > 0) {
                out.name("suppressed");
                out.number(suppressed);
            }
        });
    }

    /** Writes the members of one line; short ones, at once. */
    @FunctionalInterface
    private interface Members {
        void write(JsonOutput out) throws IOException;
    }

    private static byte[] line(Members members) {
        byte[] object = JsonEncoder.toBytes(
                out -> {
                    out.startObject();
                    members.write(out);
                    out.endObject();
                },
                JsonStyle.PROTOCOL_2);
        ByteArrayOutputStream line = new ByteArrayOutputStream(object.length + 1);
        line.writeBytes(object);
        line.write('\n');
        return line.toByteArray();
    }

    private static void start(
            JsonOutput out, Instant time, String id, String phase, Actor actor, AuditEvent event, Subject subject)
            throws IOException {
        member(out, "time", TIME.format(time));
        member(out, "id", id);
        member(out, "phase", phase);
        member(out, "event", event.wireName());
        member(out, "method", subject.method());
        member(out, "principal", actor.principal());
    }

    private static void whatAndWhere(JsonOutput out, Actor actor, Subject subject) throws IOException {
        member(out, "kind", actor.kind());
        member(out, "user", actor.user());
        member(out, "group", actor.group());
        member(out, "token", actor.token());
        out.name("connection");
        out.number(actor.connectionId());
        member(out, "session", subject.session());
        member(out, "endpoint", subject.endpoint());
        member(out, "connectionName", subject.connection());
        out.name("targets");
        out.startArray();
        for (String target : subject.targets()) {
            out.string(target);
        }
        out.endArray();
    }

    private static void outcome(JsonOutput out, AuditResult result) throws IOException {
        member(out, "outcome", result.outcome());
        member(out, "error", result.error());
        StatusCode code = result.code();
        member(out, "code", code == null ? null : code.toString());
        out.name("status");
        out.startArray();
        for (StatusCode status : result.status()) {
            out.string(status.toString());
        }
        out.endArray();
    }

    private static void member(JsonOutput out, String name, @Nullable String value) throws IOException {
        out.name(name);
        out.string(value);
    }
}
