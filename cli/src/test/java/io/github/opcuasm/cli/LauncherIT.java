package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script that starts everything, and the archive of classes that it makes: used when it fits, and never a word about it.
 * The command is one that needs no daemon.
 */
@Timeout(180)
class LauncherIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Path DISTRIBUTION = Path.of("target", "distribution").toAbsolutePath();
    private static final Path LAUNCHER = DISTRIBUTION.resolve("bin/opcua-session-manager");

    /** Where processes write their standard errors to, by PID. */
    private static final Map<Long, Path> ERRORS = new ConcurrentHashMap<>();

    @TempDir
    private static Path directory;

    private static Path cache = Path.of("");
    private static String name = "";
    private static Run first = new Run(-1, "", "");

    private record Run(int code, String stdout, String stderr) {}

    /** Three first commands at once, of which one makes the archive. */
    @BeforeAll
    static void makeArchive() throws Exception {
        cache = directory.resolve("made");
        List<Process> running = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            running.add(start(environment(cache), "completion", "fish"));
        }
        for (Process process : running) {
            first = end(process);
        }

        await().atMost(PATIENCE).until(() -> archive(cache) != null);
        name = String.valueOf(archive(cache));
    }

    @Test
    void firstCommandsSayNothingOfTheArchive() {
        assertThat(first.code()).as(first.stderr()).isZero();
        assertThat(first.stdout()).contains("complete -c opcua-session-manager");
        assertThat(first.stderr()).isEmpty();
    }

    @Test
    void oneOfManyMakesTheArchiveForItsOwnerAlone() throws IOException {
        assertThat(files(folder(cache)))
                .containsExactlyInAnyOrder(
                        folder(cache).resolve(name), folder(cache).resolve(name + ".lock"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder(cache))))
                .isEqualTo("rwx------");
    }

    @Test
    void nextCommandTakesItsClassesFromTheArchive() throws Exception {
        Path log = directory.resolve("classes.txt");
        Map<String, String> environment = environment(cache);

        Run run = run(with(environment, "OPCUA_JAVA_OPTS", "-Xlog:class+load:file=" + log), "completion", "fish");

        assertThat(run).isEqualTo(first);
        List<String> ours = Files.readAllLines(log).stream()
                .filter(line -> line.contains("io.github.opcuasm.cli.Main ") || line.contains("picocli.CommandLine "))
                .toList();
        assertThat(ours).hasSizeGreaterThanOrEqualTo(1).first().asString().contains("shared objects file");
    }

    @Test
    void damagedArchiveIsIgnoredAndDroppedInSilence() throws Exception {
        for (long size : new long[] {0, 5_000_000}) {
            Path damaged = directory.resolve("damaged" + size);
            Path copy = copyTo(damaged);
            byte[] bytes = Files.readAllBytes(copy);
            Files.delete(copy);
            Files.write(copy, Arrays.copyOf(bytes, (int) size));
            // None is made in its place.
            Files.writeString(
                    folder(damaged).resolve(name + ".lock"), Long.toString(System.currentTimeMillis() + 3_600_000));

            Run run = run(environment(damaged), "completion", "fish");

            assertThat(run).isEqualTo(first);
            assertThat(copy).doesNotExist();
        }
    }

    @Test
    void archiveOfOtherJarsIsIgnoredInSilence() throws Exception {
        // The same distribution at another place, as after an update that kept the times of its files.
        Path moved = directory.resolve("moved");
        copyDistribution(moved);
        Path others = directory.resolve("elsewhere");
        Path copy = copyTo(others);
        String elsewhere = name.replace(
                DISTRIBUTION.toString().replace('/', '%'), moved.toString().replace('/', '%'));
        Files.move(copy, folder(others).resolve(elsewhere));
        Files.writeString(
                folder(others).resolve(elsewhere + ".lock"), Long.toString(System.currentTimeMillis() + 3_600_000));

        Run run = run(moved.resolve("bin/opcua-session-manager"), environment(others), "completion", "fish");

        assertThat(elsewhere).isNotEqualTo(name);
        assertThat(run).isEqualTo(first);
    }

    @Test
    void placesThatTakeNoFilesAreNoError() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Map<String, String> homeless = environment(file);
        homeless.remove("XDG_CACHE_HOME");

        for (Map<String, String> environment : List.of(
                homeless,
                with(homeless, "HOME", file.toString()),
                with(homeless, "HOME", "/nowhere"),
                environment(file),
                with(homeless, "XDG_CACHE_HOME", "relative"),
                with(environment(directory.resolve("off")), "OPCUA_ARCHIVES", "off"))) {
            Run run = run(environment, "completion", "fish");

            assertThat(run).as(environment.toString()).isEqualTo(first);
        }
        assertThat(directory.resolve("off")).doesNotExist();
        assertThat(Path.of("relative")).doesNotExist();
    }

    /** A name that tells the build alone, not the jars' times, which are the same in all. */
    @Test
    void anotherBuildAtTheSamePlaceHasAnArchiveOfItsOwn() throws Exception {
        String build = Files.readString(DISTRIBUTION.resolve("lib/build-id")).trim();

        assertThat(build).matches("[0-9a-f]{64}");
        assertThat(name).startsWith("client-" + build + "%");
    }

    /** As flock and make hand them down: who waits for their end would wait for the builder. */
    @Test
    void callersDescriptorsAreNotHandedToTheBuilder() throws Exception {
        Path other = directory.resolve("descriptors");
        Path held = directory.resolve("held");

        Run run = shell("exec 12>'" + held + "'; XDG_CACHE_HOME='" + other
                + "' \"$LAUNCHER\" completion fish >/dev/null;"
                + " exec 12>&-; for p in /proc/[0-9]*; do"
                + " for f in $p/fd/*; do [ \"$f\" -ef '" + held + "' ] && echo $p; done; done 2>/dev/null; true");

        assertThat(run.stdout()).isEmpty();
        await().atMost(PATIENCE).until(() -> archive(other) != null);
    }

    @Test
    void aDirectoryThatIsALinkIsLeftAlone() throws Exception {
        Path base = Files.createDirectory(directory.resolve("planted"));
        Path victim = Files.createDirectory(
                directory.resolve("victim"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.createSymbolicLink(folder(base), victim);

        Run run = run(environment(base), "completion", "fish");

        assertThat(run).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
                .isEqualTo("rwxr-xr-x");
        assertThat(files(victim)).isEmpty();
    }

    /** What prints a line and ends starts no daemon beside it to see what that loads. */
    @Test
    void onlyTheDaemonItselfMakesTheDaemonsArchive() throws Exception {
        Path other = Files.createDirectory(directory.resolve("version"));

        Run run = run(environment(other), "--version");

        assertThat(run.code()).isZero();
        assertThat(folder(other)).doesNotExist();
    }

    @Test
    void fullOutputIsAFailureAndAClosedPipeIsNone() throws Exception {
        Run full = shell("\"$LAUNCHER\" completion bash >/dev/full");
        Run closed = shell("{ \"$LAUNCHER\" completion bash; echo $? >&2; } | true");

        assertThat(full.code()).isEqualTo(1);
        assertThat(full.stderr()).isEqualTo("opcua-session-manager: standard output: No space left on device\n");
        assertThat(closed.stderr()).isEqualTo("0\n");
    }

    /** Whoever presses the tab key in a fresh clone waits for no build. */
    @Test
    void completionNeverBuilds() throws Exception {
        Path checkout = directory.resolve("checkout");
        Files.createDirectories(checkout.resolve("cli"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Path launcher = Files.copy(Path.of("..", "opcua-session-manager"), checkout.resolve("opcua-session-manager"));

        Run tab = run(launcher, environment(cache), "--complete", "node", "");

        assertThat(tab).isEqualTo(new Run(0, "", ""));
    }

    private static Run shell(String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script);
        builder.environment().keySet().removeIf(LauncherIT::isOurs);
        builder.environment().putAll(environment(cache));
        builder.environment().put("LAUNCHER", LAUNCHER.toString());
        return end(started(builder));
    }

    private static Run run(Map<String, String> environment, String... arguments) throws Exception {
        return run(LAUNCHER, environment, arguments);
    }

    private static Run run(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
        return end(start(launcher, environment, arguments));
    }

    private static Process start(Map<String, String> environment, String... arguments) throws IOException {
        return start(LAUNCHER, environment, arguments);
    }

    private static Process start(Path launcher, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(LauncherIT::isOurs);
        builder.environment().putAll(environment);
        return started(builder);
    }

    private static Process started(ProcessBuilder builder) throws IOException {
        Path errors = Files.createTempFile(directory, "err", ".txt");
        Process process = builder.redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        ERRORS.put(process.pid(), errors);
        return process;
    }

    private static Run end(Process process) throws Exception {
        String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Path errors = ERRORS.remove(process.pid());
        return new Run(process.exitValue(), stdout, Files.readString(errors));
    }

    private static boolean isOurs(String variable) {
        return variable.startsWith("OPCUA_")
                || List.of("HOME", "XDG_CACHE_HOME", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
                        .contains(variable);
    }

    private static Map<String, String> environment(Path cache) {
        return new HashMap<>(Map.of("XDG_CACHE_HOME", cache.toString(), "JAVA_HOME", System.getProperty("java.home")));
    }

    private static Map<String, String> with(Map<String, String> environment, String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return more;
    }

    private static Path folder(Path cache) {
        return cache.resolve("opcua-session-manager");
    }

    private static Path copyTo(Path cache) throws IOException {
        Files.createDirectories(folder(cache));
        return Files.copy(folder(LauncherIT.cache).resolve(name), folder(cache).resolve(name));
    }

    private static void copyDistribution(Path target) throws IOException {
        try (Stream<Path> files = Files.walk(DISTRIBUTION)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(DISTRIBUTION.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                    Files.setLastModifiedTime(copy, Files.getLastModifiedTime(file));
                } else {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** The name of the archive in a cache; null while there is none. */
    private static @Nullable String archive(Path cache) throws IOException {
        return files(folder(cache)).stream()
                .map(file -> String.valueOf(file.getFileName()))
                .filter(file -> file.endsWith(".jsa"))
                .findFirst()
                .orElse(null);
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
