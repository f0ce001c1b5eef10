package io.github.opcuasm.cli;

import io.github.opcuasm.client.AnswerTimeoutException;
import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.ConnectionLostException;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.DaemonNotRunningException;
import io.github.opcuasm.client.Json;
import io.github.opcuasm.daemon.lifecycle.PidFilePath;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.github.opcuasm.protocol.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * The canonical health check: the process of the PID file lives (where that file can be read), the endpoint accepts, and
 * a ping is answered. Says which of them failed.
 */
final class PingCommand implements Command {
    private static final String WAIT = "--wait";
    private static final long PAUSE_NANOS = 50_000_000;

    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(Syntax.value("S", "try for this long until it runs", WAIT));
        DaemonAccess.declare(spec);
        Syntax.exitCodes(spec, ExitCode.OK, ExitCode.FAILURE, ExitCode.USAGE);
    }

    @Override
    public ExitCode run(ParseResult given, Console console) {
        DaemonAccess access = DaemonAccess.of(given, console);
        Duration wait = DaemonAccess.seconds(given, WAIT);
        long end = System.nanoTime() + (wait == null ? 0 : wait.toNanos());
        while (true) {
            try {
                check(access, console);
                return ExitCode.OK;
            } catch (DaemonNotRunningException | ConnectionLostException | AnswerTimeoutException e) {
                if (end - System.nanoTime() <= PAUSE_NANOS) {
                    new Failure("daemon_not_running", describe(access, e), null, null).print(access.json(), console);
                    return ExitCode.FAILURE;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static void check(DaemonAccess access, Console console) {
        OptionalLong pid = recordedPid(access.endpoint());
        long start = System.nanoTime();
        try (DaemonClient client = access.connect()) {
            JsonValue.Obj answer = client.ping();
            double millis = (System.nanoTime() - start) / 1e6;
            if (pid.isPresent() && !isAlive(pid.getAsLong())) {
                throw new ConfigurationException("ping was answered on " + access.endpoint() + ", but the process "
                        + pid.getAsLong() + " of " + PidFilePath.of(access.endpoint())
                        + " does not live: another program may be listening");
            }
            print(access, answer, pid, millis, console);
        }
    }

    private static void print(
            DaemonAccess access, JsonValue.Obj answer, OptionalLong pid, double millis, Console console) {
        JsonValue sessions = answer.get("sessions");
        if (access.json()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("status", "ok");
            line.put("endpoint", access.endpoint().uri());
            line.put("pid", pid.isPresent() ? pid.getAsLong() : null);
            line.put("sessions", sessions);
            line.put("roundTripMs", Math.round(millis * 1000) / 1000.0);
            console.out().println(Json.text(Json.of(line)));
            return;
        }
        console.out()
                .println("ok: " + access.endpoint()
                        + (pid.isPresent() ? ", PID " + pid.getAsLong() : "")
                        + (sessions == null ? "" : ", sessions: " + sessions)
                        + String.format(Locale.ROOT, ", %.1f ms", millis));
    }

    private static String describe(DaemonAccess access, ClientException e) {
        if (!(e instanceof DaemonNotRunningException)) {
            return "the endpoint accepts, but ping is not answered: " + e.messageText();
        }
        OptionalLong pid = recordedPid(access.endpoint());
        String process = "";
        if (pid.isPresent()) {
            process = isAlive(pid.getAsLong())
                    ? "; the process of its PID file, " + pid.getAsLong() + ", lives"
                    : "; the process of its PID file, " + pid.getAsLong() + ", is dead";
        }
        return e.messageText() + process + ": start one with `" + Console.PROGRAM + " --socket "
                + access.endpoint().uri() + "`";
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static OptionalLong recordedPid(IpcEndpoint endpoint) {
        Path file = PidFilePath.of(endpoint);
        try {
            if (Files.size(file) > 32) {
                return OptionalLong.empty();
            }
            String text = Files.readString(file).strip();
            return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty(); // not ours to read, or none: the two other checks decide
        }
    }
}
