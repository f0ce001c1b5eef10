package io.github.opcuasm.daemon.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.ManualTicker;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.simulator.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked once and remembered: counted where it would arrive, at the server. */
final class CachedAnswersTest {
    private static final String OBJECTS = "['i=85']";
    private static final String OBJECTS_ANEW = "['i=85',0,null,true,[],false]";

    @TempDir
    private Path directory;

    @Test
    void aBrowseIsAskedOnceForAllHandlesOfAnIdentity() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String first = daemon.open("{}");
            String second = daemon.open("{'opcuaTimeout':7}");

            JsonValue asked = daemon.data(RunningDaemon.query(first, "browse", OBJECTS));
            JsonValue remembered = daemon.data(RunningDaemon.query(second, "browse", OBJECTS));

            assertThat(remembered).isEqualTo(asked);
            assertThat(browses(daemon)).isEqualTo(1);
        }
    }

    @Test
    void anotherIdentityIsShownItsOwnAddressSpace() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String one = daemon.open("{}");
            String other = daemon.open("{'trustPolicy':'full'}");

            daemon.data(RunningDaemon.query(one, "browse", OBJECTS));
            daemon.data(RunningDaemon.query(other, "browse", OBJECTS));

            assertThat(browses(daemon)).isEqualTo(2);
        }
    }

    @Test
    void whoeverWantsNoCacheAsksAndTheOthersGetTheNewAnswer() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String session = daemon.open("{}");
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));

            daemon.data(RunningDaemon.query(session, "browse", OBJECTS_ANEW));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));

            assertThat(browses(daemon)).isEqualTo(2);
        }
    }

    @Test
    void anotherQuestionAboutTheSameNodeIsAsked() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String session = daemon.open("{}");
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));

            daemon.data(RunningDaemon.query(session, "browse", "['i=85',2]"));
            daemon.data(RunningDaemon.query(session, "browseAll", OBJECTS));

            assertThat(browses(daemon)).isEqualTo(3);
        }
    }

    @Test
    void answersAgeAndAreForgottenWhenAskedTo() throws Exception {
        ManualTicker ticker = new ManualTicker();
        try (RunningDaemon daemon =
                new RunningDaemon(options -> options.cacheTimeToLive(Duration.ofSeconds(60)), ticker)) {
            String session = daemon.open("{}");
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));

            ticker.advance(Duration.ofSeconds(61));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));
            assertThat(browses(daemon)).isEqualTo(2);

            daemon.data(RunningDaemon.query(session, "invalidateCache", "['i=84']"));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));
            assertThat(browses(daemon)).isEqualTo(2);

            daemon.data(RunningDaemon.query(session, "invalidateCache", OBJECTS));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));
            assertThat(browses(daemon)).isEqualTo(3);

            daemon.data(RunningDaemon.query(session, "flushCache", "[]"));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));
            assertThat(browses(daemon)).isEqualTo(4);
        }
    }

    @Test
    void attributesAreRememberedOnlyWhereTheHandleWantsItAndTheValueNever() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options)) {
            String plain = daemon.open("{}");
            String caching = daemon.open("{'readMetadataCache':true}");
            String displayName = "['ns=2;s=Scalars/Int32',4]";
            long before = reads(daemon);

            twice(daemon, plain, displayName);
            assertThat(reads(daemon) - before).isEqualTo(2);
            twice(daemon, caching, displayName);
            assertThat(reads(daemon) - before).isEqualTo(3);
            twice(daemon, caching, "['ns=2;s=Scalars/Int32',4,true]");
            assertThat(reads(daemon) - before).isEqualTo(5);
            twice(daemon, caching, "['ns=2;s=Scalars/Int32']");
            assertThat(reads(daemon) - before).isEqualTo(7);
            // A bad status may pass.
            twice(daemon, caching, "['ns=2;s=Scalars/Int32',11]");
            twice(daemon, caching, "['ns=2;s=NoSuchNode',4]");
            assertThat(reads(daemon) - before).isGreaterThanOrEqualTo(10);
        }
    }

    @Test
    void withoutACacheEveryQuestionIsAsked() throws Exception {
        try (RunningDaemon daemon = new RunningDaemon(options -> options.cacheDriver(DaemonConfig.CacheDriver.NONE))) {
            String session = daemon.open("{}");

            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));
            daemon.data(RunningDaemon.query(session, "browse", OBJECTS));

            assertThat(browses(daemon)).isEqualTo(2);
        }
    }

    @Test
    void filesOutlastTheDaemonAndBelongToItAlone() throws Exception {
        Path files = directory.resolve("cache");
        UnaryOperator<DaemonConfig.Builder> inFiles =
                options -> options.cacheDriver(DaemonConfig.CacheDriver.FILE).cachePath(files);
        try (RunningDaemon first = new RunningDaemon(inFiles)) {
            JsonValue asked = first.data(RunningDaemon.query(first.open("{}"), "browse", OBJECTS));
            first.shutDown();
            assertThat(contents(files)).hasSize(1);

            try (RunningDaemon second = first.successor(inFiles)) {
                String session = second.open("{}");
                JsonValue remembered = second.data(RunningDaemon.query(session, "browse", OBJECTS));
                assertThat(remembered).isEqualTo(asked);
                assertThat(browses(first)).isEqualTo(1);

                second.data(RunningDaemon.query(session, "flushCache", "[]"));
                await().untilAsserted(() -> assertThat(contents(files)).isEmpty());
            }
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files)))
                .isEqualTo("rwx------");
    }

    @Test
    void aFileThatIsNoneOfOursCountsAsNotThere() throws Exception {
        Path files = directory.resolve("cache");
        UnaryOperator<DaemonConfig.Builder> inFiles =
                options -> options.cacheDriver(DaemonConfig.CacheDriver.FILE).cachePath(files);
        try (RunningDaemon first = new RunningDaemon(inFiles)) {
            first.data(RunningDaemon.query(first.open("{}"), "browse", OBJECTS));
            first.shutDown();
            Path file = contents(files).get(0);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            Files.writeString(file, Files.readString(file).substring(0, 100));

            try (RunningDaemon second = first.successor(inFiles)) {
                second.data(RunningDaemon.query(second.open("{}"), "browse", OBJECTS));

                assertThat(browses(first)).isEqualTo(2);
            }
        }
    }

    private static void twice(RunningDaemon daemon, String session, String params) throws IOException {
        daemon.data(RunningDaemon.query(session, "read", params));
        daemon.data(RunningDaemon.query(session, "read", params));
    }

    private static long browses(RunningDaemon daemon) {
        return daemon.simulator.counters().received(Service.BROWSE);
    }

    private static long reads(RunningDaemon daemon) {
        return daemon.simulator.counters().received(Service.READ);
    }

    private static List<Path> contents(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
