package io.github.opcuasm.daemon.state;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What this package says to its operators meanwhile, a line each. */
final class LogOf {
    private LogOf() {}

    /** Something that is looked at. */
    interface Action {
        void run() throws Exception;
    }

    static String warnings(Action action) throws Exception {
        return of(Level.WARN, action);
    }

    static String errors(Action action) throws Exception {
        return of(Level.ERROR, action);
    }

    private static String of(Level level, Action action) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(StateStore.class.getPackageName());
        Level before = logger.getLevel();
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.setLevel(Level.WARN);
        logger.addAppender(appender);
        try {
            action.run();
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(before);
        }
        return List.copyOf(appender.list).stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getFormattedMessage)
                .collect(Collectors.joining("\n"));
    }
}
