package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that many configs name, read before the daemon serves anybody: within one bound for all of them, a few at a
 * time. Tells what cannot be used, which is so until somebody changes it, from what could not be read in time: one disk that
 * does not answer says nothing about the others' files. Used by one thread.
 */
final class MaterialReading {
    private static final Logger LOG = LoggerFactory.getLogger(MaterialReading.class);
    private static final long LONGEST = Duration.ofSeconds(10).toNanos();
    private static final int AT_ONCE = 8;

    private final MaterialLoader loader;
    private final long start = System.nanoTime();
    private final Map<SessionConfig, Materials> read = new HashMap<>();
    private final Set<SessionConfig> refused = new HashSet<>();

    MaterialReading(MaterialLoader loader) {
        this.loader = loader;
    }

    /** Reads what has not been read yet, and waits for it. */
    void read(Collection<SessionConfig> configs) {
        List<SessionConfig> unread = new LinkedHashSet<>(configs)
                .stream()
                        .filter(config -> !read.containsKey(config) && !refused.contains(config))
                        .toList();
        for (int from = 0; from < unread.size(); from += AT_ONCE) {
            Map<SessionConfig, CompletableFuture<Materials>> reading = new HashMap<>();
            for (SessionConfig config : unread.subList(from, Math.min(unread.size(), from + AT_ONCE))) {
                reading.put(config, loader.load(config));
            }
            reading.forEach(this::await);
        }
    }

    /** What a config names; null if it was not read. */
    @Nullable
    Materials of(SessionConfig config) {
        return read.get(config);
    }

    /** Whether what a config names cannot be used; otherwise it was not read in time. */
    boolean areRefused(SessionConfig config) {
        return refused.contains(config);
    }

    private void await(SessionConfig config, CompletableFuture<Materials> reading) {
        try {
            long left = Math.max(0, start + LONGEST - System.nanoTime());
            read.put(config, reading.get(left, TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause != null
                    && OpcUaErrors.unwrap(cause) instanceof CommandException failure
                    && failure.type() != ErrorType.OVERLOADED) {
                refused.add(config);
            }
            LOG.debug("The files of a config cannot be read", e);
        } catch (TimeoutException e) {
            LOG.debug("The files of a config were not read in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
