package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The launcher starts client commands with a few jars only. Whatever class such a command may ever come to, by the
 * references in the class files, has to be in one of them, or in the JDK.
 */
class ClientClassPathTest {
    private static final String OURS = "io.github.opcuasm.";
    private static final List<String> PRESENT =
            List.of(OURS, "java.", "javax.", "sun.misc.", "com.sun.", "picocli.", "com.fasterxml.jackson.core.");

    /** Of which the launcher knows by their first words. */
    private static final Set<String> WITH_EVERYTHING = Set.of(
            "DaemonCommand",
            "SimulateCommand",
            "DemoCommand",
            "TokenAddCommand",
            "TokenListCommand",
            "TokenRemoveCommand",
            "PolicyExplainCommand");

    private static final Pattern REFERENCE = Pattern.compile("\\s+(\\S+)\\s+->\\s+(\\S+).*");

    @Test
    void clientCommandsNeedNoClassesButThoseThatTheLauncherGivesThem() {
        Map<String, Set<String>> references = references();
        Set<String> reached = new HashSet<>(Set.of(OURS + "cli.Main"));
        Deque<String> open = new ArrayDeque<>(reached);

        while (!open.isEmpty()) {
            for (String next : references.getOrDefault(open.remove(), Set.of())) {
                boolean other = next.startsWith(OURS + "cli.")
                        && WITH_EVERYTHING.contains(next.substring((OURS + "cli.").length()));
                if (!other && reached.add(next) && next.startsWith(OURS)) {
                    open.add(next);
                }
            }
        }

        assertThat(reached).contains(OURS + "client.DaemonClient", OURS + "cli.WatchCommand");
        assertThat(reached.stream().filter(name -> PRESENT.stream().noneMatch(name::startsWith)))
                .isEqualTo(List.of());
        assertThat(reached.stream().filter(name -> name.startsWith(OURS + "simulator.")))
                .isEmpty();
    }

    private static Map<String, Set<String>> references() {
        var out = new StringWriter();
        var command = new ArrayList<>(List.of("-v", "--ignore-missing-deps"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            String text = path.toString();
            if (Files.exists(path) && !text.contains("test-classes") && isOurs(text)) {
                command.add(text);
            }
        }
        ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        int unused =
                jdeps.run(new PrintWriter(out), new PrintWriter(new StringWriter()), command.toArray(new String[0]));
        Map<String, Set<String>> references = new HashMap<>();
        for (String line : out.toString().lines().toList()) {
            Matcher reference = REFERENCE.matcher(line);
            if (reference.matches()) {
                references
                        .computeIfAbsent(reference.group(1), from -> new TreeSet<>())
                        .add(reference.group(2));
            }
        }
        return references;
    }

    private static boolean isOurs(String path) {
        return Set.of("cli", "client", "protocol", "daemon").stream()
                .anyMatch(module -> path.contains("/" + module + "/target/") || path.contains("/" + module + "-0."));
    }
}
