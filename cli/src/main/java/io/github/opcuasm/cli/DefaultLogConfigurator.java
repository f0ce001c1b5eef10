package io.github.opcuasm.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Found by Logback before it looks for files: the log has its format from the first line on, and no start pays for a
 * search of the class path. A program that embeds this module configures Logback in its own way after that.
 */
public final class DefaultLogConfigurator extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        LogOutput unused = LogOutput.install(
                context, new LogSettings(LogSettings.Threshold.WARNING, LogSettings.Format.TEXT, null));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
