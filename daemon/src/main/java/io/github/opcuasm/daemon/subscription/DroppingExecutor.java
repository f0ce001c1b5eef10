package io.github.opcuasm.daemon.subscription;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's event loop, for what nobody misses once the daemon ends: the loop refuses it then, and it is dropped.
 *
 * @param loop where things are run
 */
public record DroppingExecutor(Executor loop) implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(DroppingExecutor.class);

    @Override
    public void execute(Runnable action) {
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("The daemon ends");
        }
    }
}
