package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Scheduler;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.KeyFiles;
import io.github.opcuasm.daemon.certificate.OwnCertificate;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.TestSecurity;
import io.github.opcuasm.daemon.state.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Registries for tests, with all that belongs to one. */
public final class Registries {
    private Registries() {}

    public static HandleRegistry of(DaemonConfig config, OpcUaTransport transport, Ticker ticker, InstantSource clock) {
        return of(config, transport, null, ticker, clock);
    }

    /** One that remembers what it has in this store. */
    static HandleRegistry of(
            DaemonConfig config,
            OpcUaTransport transport,
            @Nullable StateStore store,
            Ticker ticker,
            InstantSource clock) {
        return of(config, transport, store, ticker, clock, ForkJoinPool.commonPool());
    }

    /** @param files reads what configs name */
    static HandleRegistry of(
            DaemonConfig config,
            OpcUaTransport transport,
            @Nullable StateStore store,
            Ticker ticker,
            InstantSource clock,
            Executor files) {
        return of(config, transport, store, ticker, clock, files, Registries::scheduleInTime);
    }

    /** @param scheduler bounds the waits for slots */
    static HandleRegistry of(
            DaemonConfig config, OpcUaTransport transport, Ticker ticker, InstantSource clock, Scheduler scheduler) {
        return of(config, transport, null, ticker, clock, ForkJoinPool.commonPool(), scheduler);
    }

    private static HandleRegistry of(
            DaemonConfig config,
            OpcUaTransport transport,
            @Nullable StateStore store,
            Ticker ticker,
            InstantSource clock,
            Executor executor,
            Scheduler scheduler) {
        AllowedDirectories anywhere = AllowedDirectories.anywhere();
        SessionMemory memory = new SessionMemory(store, config.timeout(), ticker, clock);
        return new HandleRegistry(
                config,
                new SessionPool(config, TestSecurity.connector(transport), memory, ticker, new Random(1), scheduler),
                new SessionOrders(
                        config,
                        new MaterialLoader(anywhere, new KeyFiles(anywhere, executor), executor),
                        new OwnCertificate(null, executor, clock)::current),
                memory,
                ticker,
                clock);
    }

    private static Runnable scheduleInTime(Runnable action, Duration delay) {
        CompletableFuture<Void> due = new CompletableFuture<>();
        due.completeOnTimeout(null, delay.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<Void> done = due.thenRun(action);
        return () -> done.cancel(false);
    }
}
