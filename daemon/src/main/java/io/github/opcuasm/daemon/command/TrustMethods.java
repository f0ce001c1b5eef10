package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.certificate.AllowedDirectories;
import io.github.opcuasm.daemon.certificate.TrustStore;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The methods on the trust store that the handle's config names; without one they have no effect. */
final class TrustMethods {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,128}");
    private static final int MAX_CERTIFICATE = 32 * 1024;
    /** What DER of a certificate begins with: a SEQUENCE with a length of two bytes. */
    private static final int SEQUENCE = 0x30;

    private final AllowedDirectories allowed;
    private final Executor files;

    /**
     * The methods of stores that lie where they may.
     *
     * @param files does the reading and writing; may refuse
     */
    TrustMethods(AllowedDirectories allowed, Executor files) {
        this.allowed = allowed;
        this.files = files;
    }

    void addTo(MethodTable.Rows rows) {
        rows.telling("getTrustStore", context -> null);
        rows.telling("getTrustPolicy", context -> context.config().trustPolicy());
        rows.add(query("trustCertificate", (context, p) -> trust(context, p.get(0, "certificate"))));
        rows.add(query("untrustCertificate", (context, p) -> untrust(context, p.get(0, "fingerprint"))));
    }

    private static MethodTable.Method query(String name, MethodTable.Action action) {
        return new MethodTable.Method(name, false, false, MethodTable.Reach.QUERY, Scope.ADMIN, Targets.NONE, action);
    }

    private CompletableFuture<@Nullable Void> trust(CallContext context, Argument certificate) {
        byte[] der = decoded(certificate, certificate.text());
        if (der.length > 0 && der[0] != SEQUENCE) {
            // PHP clients encode what their caller had encoded already.
            der = decoded(certificate, new String(der, java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        byte[] bytes = der;
        return onStore(context, store -> {
            try {
                store.trust(bytes);
            } catch (GeneralSecurityException e) {
                throw certificate.misfit("one X.509 certificate, DER in base64");
            }
        });
    }

    private CompletableFuture<@Nullable Void> untrust(CallContext context, Argument fingerprint) {
        String hex = fingerprint.text().replace(":", "").toLowerCase(Locale.ROOT);
        if (!HEX.matcher(hex).matches()) {
            throw fingerprint.misfit("the SHA-1 of a certificate in hex, with or without colons");
        }
        return onStore(context, store -> store.untrust(hex));
    }

    private static byte[] decoded(Argument certificate, String base64) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64.strip());
            if (bytes.length > 0 && bytes.length <= MAX_CERTIFICATE) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // As one of another length: said below.
        }
        throw certificate.misfit("a certificate, DER in base64, of at most " + MAX_CERTIFICATE + " bytes");
    }

    private CompletableFuture<@Nullable Void> onStore(CallContext context, Change change) {
        String path = context.config().trustStorePath();
        if (path == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        try {
            files.execute(() -> {
                try {
                    change.on(new TrustStore(allowed.requireDirectory("Trust store", path)));
                    done.complete(null);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(
                            e instanceof CommandException
                                    ? e
                                    : new CommandException(
                                            ErrorType.INVALID_PATH,
                                            "The trust store cannot be written: [path] ("
                                                    + e.getClass().getSimpleName()
                                                    + "); its parent directory must exist and be the daemon's"));
                }
            });
        } catch (RejectedExecutionException e) {
            throw new CommandException(ErrorType.OVERLOADED, "Too many file operations wait; try again later");
        }
        return done;
    }

    /** What is done to the store. */
    @FunctionalInterface
    private interface Change {
        void on(TrustStore store) throws IOException;
    }
}
