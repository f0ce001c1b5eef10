package io.github.opcuasm.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Where log entries go: standard error, or a file that is opened anew when told to (log rotation moves it away first).
 * Each entry is one write, unbuffered: what was logged before a crash is there.
 *
 * <p>Only our own entries are shown. The libraries below us report every lost connection as an error with a stack trace,
 * which we report ourselves, once and in our words; their own log comes with {@code debug}.
 */
final class LogOutput extends AppenderBase<ILoggingEvent> {
    private static final String OURS = "io.github.opcuasm";

    private final LogSettings settings;
    private final LogFormat format;
    private OutputStream target;

    private LogOutput(LogSettings settings, OutputStream target) {
        this.settings = settings;
        this.format = new LogFormat(settings.format(), ZoneId.systemDefault());
        this.target = target;
    }

    /**
     * Sends this process's log there.
     *
     * @throws ConfigurationException if the file cannot be written to
     */
    static LogOutput install(LogSettings settings) {
        return install((LoggerContext) LoggerFactory.getILoggerFactory(), settings);
    }

    static LogOutput install(LoggerContext context, LogSettings settings) {
        LogOutput output;
        try {
            output = new LogOutput(settings, open(settings.file()));
        } catch (IOException e) {
            throw new ConfigurationException("log-file: cannot write to " + settings.file() + ": " + e.getMessage());
        }
        context.reset();
        output.setContext(context);
        output.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(output);
        boolean debug = settings.threshold() == LogSettings.Threshold.DEBUG;
        root.setLevel(debug ? Level.INFO : Level.ERROR);
        context.getLogger("org.eclipse.milo").setLevel(debug ? Level.INFO : Level.OFF);
        context.getLogger(OURS).setLevel(level(settings.threshold()));
        return output;
    }

    private static Level level(LogSettings.Threshold threshold) {
        return switch (threshold) {
            case DEBUG -> Level.DEBUG;
            case INFO, NOTICE -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
        };
    }

    private static OutputStream open(@Nullable Path file) throws IOException {
        return file == null
                ? new FileOutputStream(FileDescriptor.err)
                : Files.newOutputStream(
                        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (settings.threshold() == LogSettings.Threshold.NOTICE
                && event.getLevel().equals(Level.INFO)
                && !LogFormat.isNotice(event)) {
            return;
        }
        try {
            target.write((format.line(event) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            addError("Writing the log failed", e);
        }
    }

    /** Closes the file and opens its path again. If that fails, the log goes on to where it went. */
    void reopen() {
        if (settings.file() == null) {
            return;
        }
        try {
            OutputStream fresh = open(settings.file());
            OutputStream old;
            synchronized (this) { // the lock that AppenderBase appends under
                old = target;
                target = fresh;
            }
            old.close();
        } catch (IOException e) {
            LoggerFactory.getLogger(LogOutput.class).warn("Reopening the log failed: {}", e.toString());
        }
    }
}
