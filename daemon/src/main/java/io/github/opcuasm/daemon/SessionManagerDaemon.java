package io.github.opcuasm.daemon;

import static java.util.Objects.requireNonNull;

import io.github.opcuasm.daemon.access.AccessControl;
import io.github.opcuasm.daemon.access.TokensFileException;
import io.github.opcuasm.daemon.audit.Actor;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.audit.AuditLog;
import io.github.opcuasm.daemon.audit.AuditResult;
import io.github.opcuasm.daemon.audit.Subject;
import io.github.opcuasm.daemon.cache.CacheFiles;
import io.github.opcuasm.daemon.cache.MetadataCache;
import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.KeyFiles;
import io.github.opcuasm.daemon.certificate.OwnCertificate;
import io.github.opcuasm.daemon.certificate.ServerTrust;
import io.github.opcuasm.daemon.command.CommandRouter;
import io.github.opcuasm.daemon.ipc.IpcCounters;
import io.github.opcuasm.daemon.ipc.IpcServer;
import io.github.opcuasm.daemon.lifecycle.PidFile;
import io.github.opcuasm.daemon.lifecycle.Signals;
import io.github.opcuasm.daemon.lifecycle.StateDirectory;
import io.github.opcuasm.daemon.opcua.EndpointDiscovery;
import io.github.opcuasm.daemon.opcua.OpcUaTransport;
import io.github.opcuasm.daemon.opcua.ServerGates;
import io.github.opcuasm.daemon.opcua.SessionConnector;
import io.github.opcuasm.daemon.publish.AutoPublish;
import io.github.opcuasm.daemon.service.CallContexts;
import io.github.opcuasm.daemon.session.AutoConnect;
import io.github.opcuasm.daemon.session.HandleRegistry;
import io.github.opcuasm.daemon.session.MaterialLoader;
import io.github.opcuasm.daemon.session.NamedConnections;
import io.github.opcuasm.daemon.session.SessionMemory;
import io.github.opcuasm.daemon.session.SessionOrders;
import io.github.opcuasm.daemon.session.SessionPool;
import io.github.opcuasm.daemon.state.StateRecord;
import io.github.opcuasm.daemon.state.StateStore;
import io.github.opcuasm.daemon.subscription.MailboxBounds;
import io.github.opcuasm.daemon.subscription.SubscriptionRegistry;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.IpcEndpoint;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon as a library: the same that the command line starts, options one to one. No static state: two of them live in
 * one JVM.
 *
 * <pre>{@code
 * try (var daemon = SessionManagerDaemon.builder()
 *         .socket(new IpcEndpoint.Unix(Path.of("/tmp/opcua.sock")))
 *         .build()) {
 *     daemon.start();
 *     …
 * }
 * }</pre>
 *
 * <p>Sockets and sessions live on the same event loops: a hand-off between threads can cost as much as a whole answer.
 */
public final class SessionManagerDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManagerDaemon.class);
    private static final Duration SESSION_CLOSE_BOUND = Duration.ofSeconds(3);
    private static final Duration LOOP_END_BOUND = Duration.ofSeconds(1);
    private static final Duration STATE_BOUND = Duration.ofSeconds(2);
    private static final Duration HALT_BOUND = Duration.ofSeconds(2);
    private static final int MAX_WAITING_FOR_FILES = 1024;
    private static final int KILLED = 130;

    private final DaemonConfig config;
    private final EventLoopGroup loops;
    private final OpcUaTransport transport;
    private final HandleRegistry handles;
    private final SubscriptionRegistry subscriptions;
    private final AutoPublish autoPublish;
    private final AutoConnect autoConnect;
    private final AccessControl access;
    private final ExecutorService files;
    /** Apart from the files that callers name: those may lie where reading takes for ever. */
    private final ExecutorService trustFiles;

    private final OwnCertificate ownCertificate;
    private @Nullable StateDirectory stateDirectory;
    private final ScheduledExecutorService stateWriter;
    private final @Nullable StateStore state;
    private final ExecutorService auditing;
    private final AuditLog audit;
    private final @Nullable CacheFiles cacheFiles;
    private final IpcServer ipc;
    private final List<PidFile> pidFiles = new ArrayList<>();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private boolean started;
    private boolean serving;
    private boolean closed;

    /** A daemon with these options, not started. */
    public SessionManagerDaemon(DaemonConfig config) {
        this(config, Ticker.SYSTEM, InstantSource.system(), RandomGenerator.getDefault());
    }

    /** With clocks and randomness of the caller's, for tests. */
    public SessionManagerDaemon(DaemonConfig config, Ticker ticker, InstantSource clock, RandomGenerator random) {
        this.config = config;
        NamedConnections connections = NamedConnections.of(config);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.loops = new NioEventLoopGroup(threads, new DefaultThreadFactory("opcua-io", true));
        this.transport = new OpcUaTransport(loops, ticker, random, config.maxMessageBytes());
        this.access = new AccessControl(config.accessPolicy(), config.authToken(), config.tokensFile(), ticker, clock);
        this.files = singleThread("opcua-files");
        this.auditing = singleThread("opcua-audit");
        this.audit = config.auditLog() == null
                ? AuditLog.none()
                : new AuditLog(config.auditLog(), auditing, clock, ticker, random);
        AllowedDirectories directories = config.allowedCertDirs().isEmpty()
                ? AllowedDirectories.anywhere()
                : AllowedDirectories.of(config.allowedCertDirs());
        this.trustFiles = singleThread("opcua-trust");
        this.ownCertificate = new OwnCertificate(config.stateDir(), trustFiles, clock);
        ServerTrust trust = new ServerTrust(config.stateDir(), directories, trustFiles, clock);
        EndpointDiscovery discovery = new EndpointDiscovery(transport);
        SessionConnector connector = new SessionConnector(
                transport, discovery, trust, new ServerGates(config.handshakesPerServer(), transport));
        this.stateWriter = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("opcua-state", true));
        this.state = config.stateDir() == null ? null : new StateStore(config.stateDir(), stateWriter, clock);
        SessionMemory memory = new SessionMemory(state, config.timeout(), ticker, clock);
        this.handles = new HandleRegistry(
                config,
                new SessionPool(config, connector, memory, ticker, random, this::schedule),
                new SessionOrders(
                        config,
                        new MaterialLoader(directories, new KeyFiles(directories, files, clock), files),
                        ownCertificate::current),
                memory,
                ticker,
                clock);
        this.subscriptions = new SubscriptionRegistry(
                ticker,
                clock,
                new Random(),
                MailboxBounds.ofHeap(config.mailboxMessages(), config.mailboxBytes()),
                state);
        CallContexts contexts = new CallContexts(ticker);
        this.autoPublish = new AutoPublish(config, subscriptions, contexts, access.daemon(), ticker);
        this.autoConnect = new AutoConnect(
                connections.autoConnected(), handles, access.daemon(), this::schedule, random, autoPublish::opened);
        this.cacheFiles = config.cacheDriver() == DaemonConfig.CacheDriver.FILE
                ? new CacheFiles(requireNonNull(config.cachePath()), config.cacheTimeToLive(), clock, files)
                : null;
        IpcCounters counters = new IpcCounters(ticker);
        this.ipc = new IpcServer(
                config,
                loops,
                CommandRouter.create(
                        config,
                        handles,
                        subscriptions,
                        contexts,
                        connections,
                        discovery,
                        access,
                        new CommandRouter.Certificates(trust, ownCertificate, directories),
                        cache(ticker),
                        files,
                        audit,
                        counters,
                        ticker,
                        clock,
                        Version.current()),
                ticker,
                counters);
    }

    /** A daemon's options, one to one with the command line, and who listens to its configured subscriptions. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the options of a daemon. */
    public static final class Builder extends DaemonOptions<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * A daemon that is not started: {@link #start} or {@link #run} does that.
         *
         * @throws IllegalArgumentException if an option is not valid
         */
        public SessionManagerDaemon build() {
            return new SessionManagerDaemon(config());
        }
    }

    public DaemonConfig config() {
        return config;
    }

    /**
     * Binds the endpoints and serves them. Returns when a {@code ping} would be answered.
     *
     * @throws DaemonStartException if an endpoint cannot be had; nothing is left behind then
     */
    public synchronized void start() throws DaemonStartException {
        if (started) {
            throw new IllegalStateException("started already");
        }
        started = true;
        boolean bound = false;
        try {
            for (IpcEndpoint endpoint : endpoints()) {
                if (!isAnyPort(endpoint)) {
                    pidFiles.add(PidFile.acquire(endpoint));
                }
            }
            openStateDirectory();
            loadTokens();
            openCacheFiles();
            audit.open();
            autoPublish.open();
            restoreSessions();
            ipc.start();
            bound = true;
        } finally {
            if (!bound) {
                close();
            }
        }
        serving = true;
        recordOwn("start");
        long interval = Math.max(1, config.cleanupInterval().toMillis());
        loops.next().scheduleWithFixedDelay(handles::expireIdle, interval, interval, TimeUnit.MILLISECONDS);
        loops.next().scheduleWithFixedDelay(ownCertificate::maintain, 0, 1, TimeUnit.HOURS);
        resumeSessions();
        announce();
        autoConnect.start();
    }

    /**
     * Reads anew what may change while it runs: the tokens file, and who is in which group; the audit log is opened anew. A
     * tokens file that cannot be used is an error in the log, and the tokens stay as they were. Does I/O.
     */
    public void reload() {
        audit.reopen();
        autoPublish.reopen();
        boolean read = access.reload();
        recordOwn("reload", read ? AuditResult.done(List.of()) : AuditResult.failed(ErrorType.CONFIGURATION));
    }

    /** Where it listens, the read-only socket last, with real ports where 0 was asked for. */
    public List<IpcEndpoint> boundEndpoints() {
        return ipc.boundEndpoints();
    }

    /**
     * Starts, takes over SIGTERM, SIGINT and SIGHUP, and returns after a graceful end. A second SIGTERM or SIGINT removes
     * the files and halts the JVM with 130.
     *
     * @param onHangup what SIGHUP does before {@link #reload}: reopening the log, say
     */
    public void run(Runnable onHangup) throws DaemonStartException {
        Signals signals = Signals.install(
                terminated::countDown,
                this::halt,
                () -> {
                    onHangup.run();
                    reload();
                },
                LOG::info);
        try {
            start();
            terminated.await();
            LOG.info("Shutting down");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
            signals.close();
        }
    }

    /** As {@link #run(Runnable)}; SIGHUP does {@link #reload} alone. */
    public void run() throws DaemonStartException {
        run(() -> {});
    }

    /**
     * Ends gracefully: stops accepting, lets requests under way finish for at most the grace, closes all sessions in
     * parallel, removes its files. May run twice.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        autoConnect.close();
        autoPublish.close();
        Duration forSessions = sessionShare(config.shutdownGrace());
        if (serving) {
            Duration forRequests = config.shutdownGrace().minus(forSessions);
            await("requests under way", ipc.drain(forRequests).toCompletableFuture(), forRequests.plusSeconds(1));
        }
        // What could not be served is left as it was found.
        boolean leave = config.keepSessionsOnExit() || !serving;
        await("closing sessions", leave ? handles.leaveAll() : handles.closeAll(), forSessions);
        String howSessionsEnded = handles.howSessionsEnded(leave);
        if (serving && howSessionsEnded != null) {
            LOG.info("{}", howSessionsEnded);
        }
        ipc.close();
        pidFiles.forEach(PidFile::close);
        transport.close();
        if (serving) {
            recordOwn("stop");
        }
        audit.close();
        auditing.shutdownNow();
        trustFiles.shutdown();
        files.shutdown();
        awaitFiles();
        closeState();
        loops.shutdownGracefully(0, LOOP_END_BOUND.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LOOP_END_BOUND.toMillis());
        if (serving) {
            LOG.info("Stopped");
        }
    }

    private MetadataCache cache(Ticker ticker) {
        if (config.cacheDriver() == DaemonConfig.CacheDriver.NONE) {
            return MetadataCache.none();
        }
        return cacheFiles == null
                ? MetadataCache.inMemory(ticker, config.cacheTimeToLive())
                : MetadataCache.inFiles(ticker, config.cacheTimeToLive(), cacheFiles);
    }

    private Runnable schedule(Runnable action, Duration delay) {
        var scheduled = loops.next().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    private List<IpcEndpoint> endpoints() {
        List<IpcEndpoint> endpoints = new ArrayList<>(config.endpoints());
        IpcEndpoint readOnly = config.readOnlySocket();
        if (readOnly != null) {
            endpoints.add(readOnly);
        }
        return endpoints;
    }

    private void loadTokens() throws DaemonStartException {
        try {
            access.load();
        } catch (TokensFileException e) {
            throw new DaemonStartException(e.messageText(), e);
        }
    }

    private void openStateDirectory() throws DaemonStartException {
        if (config.stateDir() != null) {
            stateDirectory = StateDirectory.open(config.stateDir());
        }
    }

    private void restoreSessions() {
        if (state != null && stateDirectory != null) {
            Map<Boolean, List<StateRecord>> records = state.open(stateDirectory::isHeld).stream()
                    .collect(Collectors.partitioningBy(record -> record.name().startsWith(StateRecord.SUBSCRIPTION)));
            handles.restore(records.getOrDefault(false, List.of()), access::addressesOf, config.connections());
            subscriptions.restore(records.getOrDefault(true, List.of()), handles::find);
        }
    }

    private void resumeSessions() {
        if (state != null) {
            handles.resume();
            long interval = Math.max(1, handles.useInterval().toMillis());
            stateWriter.scheduleWithFixedDelay(handles::rememberUses, interval, interval, TimeUnit.MILLISECONDS);
        }
    }

    /** The last thing that is written, before another daemon may have the directory. */
    private void closeState() {
        if (state != null) {
            await("the state to be written", state.flush(), STATE_BOUND);
            state.close();
        }
        stateWriter.shutdownNow();
        if (stateDirectory != null) {
            stateDirectory.close();
        }
    }

    private void openCacheFiles() throws DaemonStartException {
        if (cacheFiles != null) {
            try {
                cacheFiles.open();
            } catch (IOException e) {
                throw new DaemonStartException(
                        "Cannot use " + config.cachePath() + " for --cache-driver file: " + e.getMessage()
                                + ". Give --cache-path a directory whose parent exists, or use --cache-driver memory",
                        e);
            }
        }
    }

    /** A port that the system chooses cannot be taken by another daemon. */
    private static boolean isAnyPort(IpcEndpoint endpoint) {
        return endpoint instanceof IpcEndpoint.Tcp tcp && tcp.port() == 0;
    }

    private void announce() {
        for (IpcEndpoint endpoint : boundEndpoints()) {
            LOG.info("OPC UA Session Manager started on {}", endpoint.uri());
        }
        LOG.info(
                "Timeout: {}s, Cleanup interval: {}s, Max sessions: {}",
                seconds(config.timeout()),
                seconds(config.cleanupInterval()),
                config.maxSessions());
        if (boundEndpoints().stream().anyMatch(endpoint -> endpoint instanceof IpcEndpoint.Unix)) {
            LOG.info("Socket permissions: {}", Integer.toOctalString(config.socketMode()));
        }
        IpcEndpoint readOnly = config.readOnlySocket();
        if (readOnly != null) {
            LOG.info(
                    "Peers on {} may only read",
                    boundEndpoints().get(boundEndpoints().size() - 1).uri());
        }
        if (!access.needsToken() && config.accessPolicy().rules().isEmpty()) {
            LOG.warn("No auth token is set: any local process that can open the socket controls this daemon");
        }
    }

    /** Of the grace, so much is kept for saying goodbye to the servers. */
    private static Duration sessionShare(Duration grace) {
        Duration half = grace.dividedBy(2);
        return half.compareTo(SESSION_CLOSE_BOUND) < 0 ? half : SESSION_CLOSE_BOUND;
    }

    /** The second signal: the files go, if that is possible within a moment, and the process in any case. */
    private void halt() {
        Thread files = new Thread(
                () -> {
                    ipc.close();
                    pidFiles.forEach(PidFile::close);
                },
                "opcua-halt");
        files.setDaemon(true);
        try {
            files.start();
            files.join(HALT_BOUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(KILLED);
        }
    }

    /** What is written already half is worth a moment; the rest is only a cache. */
    private void awaitFiles() {
        try {
            if (!files.awaitTermination(LOOP_END_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                files.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(String what, CompletableFuture<?> end, Duration bound) {
        try {
            end.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("Gave up waiting for {} after {} s", what, bound.toSeconds());
        } catch (ExecutionException e) {
            LOG.warn("Trouble with {}", what, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the daemon does with itself. */
    private void recordOwn(String what) {
        recordOwn(what, AuditResult.done(List.of()));
    }

    private void recordOwn(String what, AuditResult result) {
        audit.note(Actor.daemon(), AuditEvent.DAEMON, Subject.ofDaemon(what), result);
    }

    /** One thread while there is something to do, and a bounded queue. */
    private static ExecutorService singleThread(String name) {
        return new ThreadPoolExecutor(
                0,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING_FOR_FILES),
                new DefaultThreadFactory(name, true));
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    }
}
