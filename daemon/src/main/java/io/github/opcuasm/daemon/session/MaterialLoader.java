package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.KeyFiles;
import io.github.opcuasm.daemon.certificate.KeyMaterial;
import io.github.opcuasm.daemon.certificate.KeyPaths;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Reads the files that configs name, off the event loops; configs that name none wait for nothing. */
public final class MaterialLoader {
    private final AllowedDirectories directories;
    private final KeyFiles files;
    private final Executor pool;

    /** @param pool does what touches the file system; may refuse */
    public MaterialLoader(AllowedDirectories directories, KeyFiles files, Executor pool) {
        this.directories = directories;
        this.files = files;
        this.pool = pool;
    }

    /** Reads them; fails with {@code InvalidArgumentException} for a path, {@code SecurityException} for what lies there. */
    CompletableFuture<Materials> load(SessionConfig config) {
        if (!config.namesFiles()) {
            return CompletableFuture.completedFuture(Materials.NONE);
        }
        CompletableFuture<@Nullable KeyMaterial> client = keys(config.clientKeys());
        CompletableFuture<@Nullable KeyMaterial> user = keys(config.userKeys());
        CompletableFuture<List<X509Certificate>> issuers = issuers(config.issuersPath());
        CompletableFuture<@Nullable Path> store = store(config.trustStorePath());
        return CompletableFuture.allOf(client, user, issuers, store)
                .thenApply(all -> new Materials(client.join(), user.join(), issuers.join(), store.join()));
    }

    private CompletableFuture<@Nullable KeyMaterial> keys(@Nullable KeyPaths paths) {
        return paths == null
                ? CompletableFuture.<@Nullable KeyMaterial>completedFuture(null)
                : files.load(paths).thenApply(material -> material);
    }

    private CompletableFuture<List<X509Certificate>> issuers(@Nullable String path) {
        return path == null ? CompletableFuture.completedFuture(List.of()) : files.certificates("CA", path);
    }

    private CompletableFuture<@Nullable Path> store(@Nullable String path) {
        CompletableFuture<@Nullable Path> resolved = new CompletableFuture<>();
        if (path == null) {
            resolved.complete(null);
            return resolved;
        }
        try {
            pool.execute(() -> {
                try {
                    resolved.complete(directories.requireDirectory("Trust store", path));
                } catch (Throwable e) {
                    resolved.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            resolved.completeExceptionally(
                    new CommandException(ErrorType.OVERLOADED, "Too many files are being read; try again later"));
        }
        return resolved;
    }
}
