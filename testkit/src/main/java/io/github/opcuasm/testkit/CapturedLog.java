package io.github.opcuasm.testkit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What the daemon and the server log from {@link #begin} to {@link #close}, as far as the configuration of the logging lets it
 * through; the newest {@value #MAX_LINES} lines. Of tests that run side by side all see it.
 */
final class CapturedLog implements AutoCloseable {
    private static final int MAX_LINES = 500;
    private static final String LOGBACK = "ch.qos.logback.classic.LoggerContext";
    private static final String OURS = "io.github.opcuasm";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private final Logger logger;
    private final Lines lines = new Lines();

    private CapturedLog(LoggerContext context) {
        this.logger = context.getLogger(OURS);
        lines.setContext(context);
        lines.start();
        logger.addAppender(lines);
    }

    /** Null where something else than Logback does the logging. */
    static @Nullable CapturedLog begin() {
        // By its name: the class need not be there.
        return LoggerFactory.getILoggerFactory().getClass().getName().equals(LOGBACK)
                ? new CapturedLog((LoggerContext) LoggerFactory.getILoggerFactory())
                : null;
    }

    /** Shows the lines, if there are any, wherever the failure of the test is shown. */
    void attachTo(Throwable failure) {
        List<String> logged = lines.copy();
        if (!logged.isEmpty()) {
            failure.addSuppressed(new DaemonLog(logged));
        }
    }

    @Override
    public void close() {
        logger.detachAppender(lines);
        lines.stop();
    }

    /** No failure of its own: it carries text to where failures are printed. */
    private static final class DaemonLog extends RuntimeException {
        private static final long serialVersionUID = 1;

        DaemonLog(List<String> lines) {
            super(
                    "the log of daemon and server during the test:\n    " + String.join("\n    ", lines),
                    null,
                    false,
                    false);
        }
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final Queue<String> newest = new ArrayDeque<>();

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.DEBUG)) {
                add(line(event));
            }
        }

        private synchronized void add(String line) {
            if (newest.size() == MAX_LINES) {
                newest.remove();
            }
            newest.add(line);
        }

        synchronized List<String> copy() {
            return List.copyOf(newest);
        }

        private static String line(ILoggingEvent event) {
            String logger = event.getLoggerName();
            IThrowableProxy thrown = event.getThrowableProxy();
            return TIME.format(event.getInstant().atZone(ZoneId.systemDefault())) + " " + event.getLevel() + " "
                    + logger.substring(logger.lastIndexOf('.') + 1) + " " + event.getFormattedMessage()
                    + (thrown == null ? "" : " (" + thrown.getClassName() + ": " + thrown.getMessage() + ")");
        }
    }
}
