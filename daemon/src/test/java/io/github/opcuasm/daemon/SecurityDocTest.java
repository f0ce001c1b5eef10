package io.github.opcuasm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/security.md claims nothing without a test: each one that it names exists, in whatever module. */
final class SecurityDocTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Path ROOT = Files.exists(Path.of("docs")) ? Path.of("") : Path.of("..");

    @Test
    void everyNamedTestExists() throws IOException {
        Map<String, String> sources = testSources();
        TreeSet<String> named = new TreeSet<>();
        TreeSet<String> missing = new TreeSet<>();

        Matcher tests = TEST.matcher(Files.readString(ROOT.resolve("docs/security.md")));
        while (tests.find()) {
            named.add(tests.group());
            if (!sources.getOrDefault(tests.group(1), "").contains("void " + tests.group(2) + "(")) {
                missing.add(tests.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).hasSizeGreaterThan(20);
    }

    /** By class name. */
    private static Map<String, String> testSources() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT.toAbsolutePath().normalize())) {
            return modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(SecurityDocTest::sourcesUnder)
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            SecurityDocTest::content,
                            (one, other) -> one + other));
        }
    }

    private static Stream<Path> sourcesUnder(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
