package io.github.opcuasm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.opcuasm.benchmarks.Workload.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {
    private static final HungServer.Result CALM = new HungServer.Result(100, 150, 5);
    private static final SessionFootprint.Result SMALL = new SessionFootprint.Result(1_000, 9_000, 20_000, 3);

    private static final ServerOutage.Result SMOOTH =
            new ServerOutage.Result(new SessionFootprint.Result(1_000, 30_000, 60_000, 9), 12, 8, 20);

    @Test
    void eachFigureIsTheMedianOfItsRounds() {
        Report report = new Report();
        report.add(workload(Kind.DIRECT_READ, 1), new Measurement(10, 3, 9));
        report.add(workload(Kind.DIRECT_READ, 1), new Measurement(30, 1, 7));
        report.add(workload(Kind.DIRECT_READ, 1), new Measurement(20, 2, 80));

        Measurement median = report.median(Kind.DIRECT_READ, 1);

        assertThat(median).isEqualTo(new Measurement(20, 2, 9));
        assertThatIllegalArgumentException().isThrownBy(() -> report.median(Kind.DIRECT_READ, 8));
    }

    @Test
    void ratiosAreToDirectMiloWithAsManyClients() {
        Report report = new Report();
        report.add(workload(Kind.DIRECT_READ, 1), new Measurement(1_000, 100, 200));
        report.add(workload(Kind.DIRECT_READ, 8), new Measurement(4_000, 300, 500));
        report.add(workload(Kind.KEPT_READ, 8), new Measurement(2_000, 450, 1_000));

        String row = report.table().get(3);

        assertThat(row.split(" {2,}"))
                .containsExactly(
                        "read, kept connection", "8", "2000", "0.50", "450.0", "1.50", "+150.0", "1000.0", "2.00");
    }

    @Test
    void aTargetThatIsMissedFails() {
        Report report = new Report();
        report.add(workload(Kind.DIRECT_READ, 1), new Measurement(1_000, 100, 200));
        report.add(workload(Kind.KEPT_READ, 1), new Measurement(1_000, 161, 200));
        report.add(workload(Kind.KEPT_READ, 32), new Measurement(9_999, 100, 200));

        List<Target> good = report.targets(CALM, SMALL, SMOOTH);
        List<Target> bad = report.targets(
                new HungServer.Result(100, 1_201, 5),
                new SessionFootprint.Result(1_000, 15_361, 0, 3),
                new ServerOutage.Result(new SessionFootprint.Result(1_000, 30_721, 0, 9), 31, 9, 51));

        assertThat(good).extracting(Target::isMet).containsExactly(false, false, true, true, true, true, true, true);
        assertThat(bad).noneMatch(Target::isMet);
        assertThat(bad.get(0)).hasToString("FAIL  one kept client's read, p50 above direct Milo: 61 µs (at most 60)");
    }

    @Test
    void aStormIsJudgedByItsSlowestAndByItsCrowd() {
        Storms calm = new Storms(storm(2.9, 8, 20), storm(11.9, 8, 49));
        Storms wild = new Storms(storm(3.1, 9, 20), storm(12.1, 1, 51));

        assertThat(calm.targets()).allMatch(Target::isMet);
        assertThat(wild.targets()).noneMatch(Target::isMet);
        assertThat(calm.lines().get(0)).contains("400 sessions, None", "2.90 s");
    }

    private static ServerOutage.Result storm(double seconds, long handshakes, double pingMillis) {
        return new ServerOutage.Result(
                new SessionFootprint.Result(400, 9_000, 20_000, 3), seconds, handshakes, pingMillis);
    }

    private static Workload workload(Kind kind, int clients) {
        return new Workload(kind, clients, () -> {
            throw new UnsupportedOperationException();
        });
    }
}
