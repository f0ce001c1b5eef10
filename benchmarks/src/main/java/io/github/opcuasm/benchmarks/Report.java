package io.github.opcuasm.benchmarks;

import io.github.opcuasm.benchmarks.Workload.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The medians of all rounds beside direct Milo's with the same number of callers, and the targets. */
final class Report {
    private static final double MAX_ADDED_MICROS = 60;
    private static final double MIN_READS_PER_SECOND = 10_000;
    private static final double MAX_HEAP_BYTES = 15 * 1024;
    private static final double MAX_SECURED_HEAP_BYTES = 30 * 1024;
    private static final double MAX_BACK_SECONDS = 30;
    static final double MAX_HANDSHAKES = 8;
    static final double MAX_RESTART_PING_MILLIS = 50;

    private record Key(Kind kind, int clients) {}

    private final Map<Key, List<Measurement>> rounds = new LinkedHashMap<>();

    void add(Workload workload, Measurement measurement) {
        rounds.computeIfAbsent(new Key(workload.kind(), workload.clients()), key -> new ArrayList<>())
                .add(measurement);
    }

    Measurement median(Kind kind, int clients) {
        List<Measurement> measured = rounds.get(new Key(kind, clients));
        if (measured == null) {
            throw new IllegalArgumentException(kind + " was not measured with " + clients + " clients");
        }
        return Measurement.median(measured);
    }

    static double median(List<Double> figures) {
        return Measurement.median(figures.stream()
                        .map(figure -> new Measurement(0, figure, 0))
                        .toList())
                .p50();
    }

    /** One line a workload; {@code x} columns are ratios to direct Milo with as many callers. */
    List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-22s %7s %9s %6s %9s %6s %9s %9s %6s",
                "",
                "clients",
                "per s",
                "x",
                "p50 µs",
                "x",
                "Δp50 µs",
                "p99 µs",
                "x"));
        for (Key key : rounds.keySet()) {
            Measurement here = median(key.kind, key.clients);
            Measurement direct = median(Kind.DIRECT_READ, key.clients);
            lines.add(String.format(
                    Locale.ROOT,
                    "%-22s %7d %9.0f %6.2f %9.1f %6.2f %+9.1f %9.1f %6.2f",
                    key.kind.title(),
                    key.clients,
                    here.perSecond(),
                    here.perSecond() / direct.perSecond(),
                    here.p50(),
                    here.p50() / direct.p50(),
                    here.p50() - direct.p50(),
                    here.p99(),
                    here.p99() / direct.p99()));
        }
        return lines;
    }

    List<Target> targets(HungServer.Result hung, SessionFootprint.Result footprint, ServerOutage.Result restart) {
        double added =
                median(Kind.KEPT_READ, 1).p50() - median(Kind.DIRECT_READ, 1).p50();
        return List.of(
                Target.atMost("one kept client's read, p50 above direct Milo", MAX_ADDED_MICROS, added, "µs"),
                Target.atLeast(
                        "reads on 32 kept connections",
                        MIN_READS_PER_SECOND,
                        median(Kind.KEPT_READ, 32).perSecond(),
                        "per s"),
                Target.atMost(
                        "ping beside a hung server, p99", 2 * hung.undisturbed() + 1_000, hung.besideHung(), "µs"),
                Target.atMost("heap of an open session", MAX_HEAP_BYTES, footprint.heap(), "bytes"),
                Target.atMost(
                        "heap of a secured session",
                        MAX_SECURED_HEAP_BYTES,
                        restart.footprint().heap(),
                        "bytes"),
                Target.atMost(
                        "secured sessions back after a restart of their server",
                        MAX_BACK_SECONDS,
                        restart.backSeconds(),
                        "s"),
                Target.atMost(
                        "handshakes at once meanwhile",
                        MAX_HANDSHAKES,
                        (double) restart.mostHandshakes(),
                        "handshakes"),
                Target.atMost("ping meanwhile, p99", MAX_RESTART_PING_MILLIS, restart.pingMillis(), "ms"));
    }
}
