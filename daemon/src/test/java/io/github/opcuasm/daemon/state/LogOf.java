package io.github.opcuasm.daemon.state;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What a package says to its operators until this is closed. */
public final class LogOf implements AutoCloseable {
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };
    private final Logger logger;
    private final Level before;

    private LogOf(Class<?> member) {
        logger = (Logger) LoggerFactory.getLogger(member.getPackageName());
        before = logger.getLevel();
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
    }

    /** Something that is looked at. */
    interface Action {
        void run() throws Exception;
    }

    /** From now on. */
    public static LogOf packageOf(Class<?> member) {
        return new LogOf(member);
    }

    public List<String> infos() {
        return lines(Level.INFO);
    }

    public List<String> warnings() {
        return lines(Level.WARN);
    }

    private List<String> lines(Level level) {
        return events.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setLevel(before);
    }

    static String warnings(Action action) throws Exception {
        return of(Level.WARN, action);
    }

    static String errors(Action action) throws Exception {
        return of(Level.ERROR, action);
    }

    private static String of(Level level, Action action) throws Exception {
        try (LogOf log = packageOf(StateStore.class)) {
            action.run();
            return log.lines(level).stream().collect(Collectors.joining("\n"));
        }
    }
}
