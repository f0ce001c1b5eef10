package io.github.opcuasm.benchmarks;

import io.github.opcuasm.benchmarks.RestartableServer.Security;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * An outage long enough that every session has noticed it and backed off, without security and with it. What the sessions
 * do on the server's return is the storm that small devices fall over from.
 */
record Storms(ServerOutage.Result plain, ServerOutage.Result secured) {
    private static final double MAX_PLAIN_MILLIS = 3_000;
    private static final double MAX_SECURED_MILLIS = 12_000;

    static Storms run(Path launcher, Path directory, int sessions, Duration away) throws Exception {
        return new Storms(
                ServerOutage.run(launcher, directory, Security.NONE, sessions, away),
                ServerOutage.run(launcher, directory, Security.SIGN_AND_ENCRYPT, sessions, away));
    }

    List<String> lines() {
        return List.of(line("None", plain), line("Basic256Sha256", secured));
    }

    private static String line(String policy, ServerOutage.Result storm) {
        return String.format(
                Locale.ROOT,
                "storm of %d sessions, %s: all back %.2f s after the first connection, at most %d handshakes at once, ping"
                        + " p99 %.1f ms",
                storm.footprint().sessions(),
                policy,
                storm.backSeconds(),
                storm.mostHandshakes(),
                storm.pingMillis());
    }

    List<Target> targets() {
        return List.of(
                Target.atMost("storm without security, all back", MAX_PLAIN_MILLIS, plain.backSeconds() * 1_000, "ms"),
                Target.atMost(
                        "storm with Basic256Sha256, all back", MAX_SECURED_MILLIS, secured.backSeconds() * 1_000, "ms"),
                Target.atMost(
                        "handshakes at once in a storm",
                        Report.MAX_HANDSHAKES,
                        (double) Math.max(plain.mostHandshakes(), secured.mostHandshakes()),
                        "handshakes"),
                Target.atMost(
                        "ping in a storm, p99",
                        Report.MAX_RESTART_PING_MILLIS,
                        Math.max(plain.pingMillis(), secured.pingMillis()),
                        "ms"));
    }
}
