package io.github.opcuasm.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link RequiresNode}. */
final class NodePresence implements ExecutionCondition {
    private static final System.Logger LOG = System.getLogger(NodePresence.class.getName());
    private static final String REQUIRED = "interop.required";
    private static final List<String> PACKAGES = List.of("node-opcua", "node-opcua-file-transfer");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()) {
            return ConditionEvaluationResult.enabled("decided for the class");
        }
        Optional<String> missing = missing();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("Node.js and its packages are there");
        }
        String reason = missing.get();
        if (Boolean.getBoolean(REQUIRED)) {
            throw new ExtensionConfigurationException(reason + " (and -D" + REQUIRED + "=true demands it)");
        }
        LOG.log(System.Logger.Level.WARNING, "Skipped {0}: {1}", context.getDisplayName(), reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    private static Optional<String> missing() {
        for (String needed : PACKAGES) {
            if (!Files.isDirectory(directory().resolve("node_modules").resolve(needed))) {
                return Optional.of("no interop/node_modules/" + needed + ": run `npm ci` in interop/");
            }
        }
        return nodeRuns() ? Optional.empty() : Optional.of("no `node` that runs on the PATH");
    }

    private static boolean nodeRuns() {
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!node.waitFor(20, TimeUnit.SECONDS)) {
                node.destroyForcibly();
                return false;
            }
            return node.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The folder of this module, where {@code server.mjs} lies. */
    static Path directory() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }
}
