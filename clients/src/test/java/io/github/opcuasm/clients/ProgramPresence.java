package io.github.opcuasm.clients;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link RequiresProgram}. */
final class ProgramPresence implements ExecutionCondition {
    private static final System.Logger LOG = System.getLogger(ProgramPresence.class.getName());
    private static final String REQUIRED = "interop.required";
    private static final String UNIX_NC = "nc -U";
    private static final long SECONDS = 20;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()) {
            return ConditionEvaluationResult.enabled("decided for the class");
        }
        Optional<String> missing = AnnotationSupport.findAnnotation(context.getElement(), RequiresProgram.class)
                .flatMap(required -> Stream.of(required.value())
                        .filter(program -> !isThere(program))
                        .findFirst());
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("the programs are there");
        }
        String reason = "no `" + missing.get() + "` on the PATH: install it";
        if (Boolean.getBoolean(REQUIRED)) {
            throw new ExtensionConfigurationException(reason + " (-D" + REQUIRED + "=true demands it)");
        }
        LOG.log(System.Logger.Level.WARNING, "Skipped {0}: {1}", context.getDisplayName(), reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    private static boolean isThere(String program) {
        return program.equals(UNIX_NC) ? onPath("nc") && ncKnowsUnixSockets() : onPath(program);
    }

    private static boolean onPath(String program) {
        return Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .map(directory -> Path.of(directory, program))
                .anyMatch(Files::isExecutable);
    }

    /** The openbsd flavour and ncat say {@code -U} in their usage, the traditional one has no such option. */
    private static boolean ncKnowsUnixSockets() {
        try {
            Process nc =
                    new ProcessBuilder("nc", "-h").redirectErrorStream(true).start();
            nc.getOutputStream().close();
            if (!nc.waitFor(SECONDS, TimeUnit.SECONDS)) {
                nc.destroyForcibly();
                return false;
            }
            return new String(nc.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .matches("(?s).*(\\[-[46A-Za-z]*U[A-Za-z]*\\]|-U).*");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
