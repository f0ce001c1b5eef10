package io.github.opcuasm.daemon.opcua;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/** Runs what it is given on an event loop: at once if that is the caller's thread. */
record LoopExecutor(EventLoop loop) implements Executor {
    @Override
    public void execute(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }
}
