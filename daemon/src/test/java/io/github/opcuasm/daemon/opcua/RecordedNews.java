package io.github.opcuasm.daemon.opcua;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** What a session has told about its fate. */
final class RecordedNews implements SessionListener {
    final List<String> news = new CopyOnWriteArrayList<>();
    private volatile @Nullable ResumableSession left;

    /** Listens from now on. */
    static RecordedNews of(OpcUaSession session) {
        RecordedNews news = new RecordedNews();
        session.listen(news);
        return news;
    }

    /** What another process would find, through the bytes that it would read. */
    ResumableSession left() throws Exception {
        ResumableSession last = left;
        if (last == null) {
            throw new AssertionError("The session has not been activated");
        }
        return ResumableSession.decode(last.encode());
    }

    @Override
    public void activated(ResumableSession now) {
        left = now;
        news.add("activated");
    }

    @Override
    public void restored(boolean anew) {
        news.add(anew ? "restored anew" : "restored");
    }

    @Override
    public void orphaned(Duration timeout) {
        news.add("orphaned for " + timeout.toSeconds() + " s");
    }

    @Override
    public void closed() {
        news.add("closed");
    }
}
