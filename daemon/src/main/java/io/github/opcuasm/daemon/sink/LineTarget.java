package io.github.opcuasm.daemon.sink;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What lines are written to. Blocks; for one thread, but for {@link #refresh} and {@link #unblock}. */
interface LineTarget {

    /**
     * What came of writing.
     *
     * @param lines how many, from the first, the kernel has taken in full
     * @param failure why not all; null if all
     */
    record Written(int lines, @Nullable IOException failure) {}

    /** Opens it, if it is not open. */
    void open() throws IOException;

    /** Writes lines, each with its line break. After a failure it is opened again. */
    Written write(List<byte[]> lines);

    /** What is written to is opened again if the path names something else by now. From any thread. */
    void refresh();

    /** Lets a write that takes for ever fail. From any thread. */
    void unblock();

    /** Closes it, until it is opened again. */
    void close();
}
