package io.github.opcuasm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.DaemonOptions;
import io.github.opcuasm.daemon.SessionManagerDaemon;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Who embeds the daemon has the options of the command line, under the same names. */
final class DaemonOptionBuilderTest {
    /** Words of Java, or whole ones. */
    private static final Map<DaemonOption, String> OTHERWISE =
            Map.of(DaemonOption.CLOSE, "closePolicy", DaemonOption.CACHE_TTL, "cacheTimeToLive");

    /** What the config file has in sections of its own, and listeners, which only Java has. */
    private static final Set<String> NOT_ON_THE_COMMAND_LINE =
            Set.of("sockets", "budgets", "connections", "accessPolicy", "listener");

    /** The log of an embedded daemon is the process's: SLF4J. */
    @ParameterizedTest
    @EnumSource(
            value = DaemonOption.class,
            mode = Mode.EXCLUDE,
            names = {"LOG_FILE", "LOG_LEVEL", "LOG_FORMAT"})
    void eachOptionHasItsMethod(DaemonOption option) {
        assertThat(methods()).contains(method(option));
    }

    @Test
    void theBuilderHasNothingElse() {
        Set<String> expected = new TreeSet<>(NOT_ON_THE_COMMAND_LINE);
        Arrays.stream(DaemonOption.values())
                .filter(option -> !option.longName().startsWith("log-"))
                .forEach(option -> expected.add(method(option)));

        assertThat(methods()).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static String method(DaemonOption option) {
        String[] words = option.longName().split("-");
        String camelCase = words[0]
                + Arrays.stream(words)
                        .skip(1)
                        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                        .collect(Collectors.joining());
        return OTHERWISE.getOrDefault(option, camelCase);
    }

    private static Set<String> methods() {
        return Arrays.stream(SessionManagerDaemon.Builder.class.getMethods())
                .filter(method -> method.getDeclaringClass() == DaemonOptions.class)
                .filter(method -> method.getParameterCount() == 1)
                .map(Method::getName)
                .collect(Collectors.toSet());
    }
}
