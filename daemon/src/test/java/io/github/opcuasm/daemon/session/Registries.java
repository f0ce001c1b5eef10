package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.KeyFiles;
import io.github.opcuasm.daemon.certificate.OwnCertificate;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.TestSecurity;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** Registries for tests, with all that belongs to one. */
public final class Registries {
    private Registries() {}

    public static HandleRegistry of(DaemonConfig config, OpcUaTransport transport, Ticker ticker, InstantSource clock) {
        Executor pool = ForkJoinPool.commonPool();
        AllowedDirectories anywhere = AllowedDirectories.anywhere();
        return new HandleRegistry(
                config,
                TestSecurity.connector(transport),
                new MaterialLoader(anywhere, new KeyFiles(anywhere, pool), pool),
                new OwnCertificate(null, pool, clock)::current,
                ticker,
                clock);
    }
}
