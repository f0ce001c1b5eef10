package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered of servers: in a store's files where there is a store, else for the process's life. Pins that a
 * store of the daemon's own cannot write are remembered here as well: a full disk must neither stop the plant nor make the
 * daemon forget what it saw. Bounded; when it is full new servers are refused, never old ones forgotten.
 */
final class TrustMemory {
    private static final Logger LOG = LoggerFactory.getLogger(TrustMemory.class);
    private static final int MAX_ENTRIES = 10_000;

    private final @Nullable TrustStore store;
    private final boolean own;
    private final Map<TrustStore.Pin, Map<String, X509Certificate>> pins = new HashMap<>();
    private final Set<X509Certificate> trusted = new LinkedHashSet<>();
    private boolean warnedOfWriting;

    /**
     * Touches nothing yet.
     *
     * @param store null for memory alone
     * @param own whether pins that cannot be written are to be remembered all the same
     */
    TrustMemory(@Nullable TrustStore store, boolean own) {
        this.store = store;
        this.own = own;
    }

    /** Whether operators find refused certificates in files. */
    boolean hasStore() {
        return store != null;
    }

    @Nullable
    TrustStore store() {
        return store;
    }

    synchronized boolean isTrusted(X509Certificate certificate) throws IOException {
        return store == null ? trusted.contains(certificate) : store.isTrusted(certificate);
    }

    synchronized List<X509Certificate> trusted() throws IOException {
        return store == null ? List.copyOf(trusted) : store.trusted();
    }

    List<X509Certificate> issuers() throws IOException {
        return store == null ? List.of() : store.issuers();
    }

    RevocationLists.Current revocationLists() throws IOException {
        return store == null ? RevocationLists.Current.NONE : store.revocationLists();
    }

    synchronized void trust(X509Certificate certificate) throws IOException, CertificateException {
        if (store != null) {
            store.trust(certificate);
        } else if (trusted.size() < MAX_ENTRIES) {
            trusted.add(certificate);
        } else {
            throw new IOException("no room");
        }
    }

    /** Keeps a refused certificate where operators find it, if there is such a place. Never fails. */
    synchronized void reject(X509Certificate certificate) {
        if (store == null) {
            return;
        }
        try {
            store.reject(certificate);
        } catch (IOException | CertificateException e) {
            warnOfWriting(e);
        }
    }

    /** Null if nothing is remembered of the server. */
    synchronized @Nullable X509Certificate pin(TrustStore.Pin kind, String server) throws IOException {
        X509Certificate inMemory = pins(kind).get(PinFiles.nameOf(server));
        return inMemory != null || store == null ? inMemory : store.pin(kind, server);
    }

    /** Remembers a certificate unless one is remembered; answers with the one that is. */
    synchronized X509Certificate pinIfAbsent(TrustStore.Pin kind, String server, X509Certificate certificate)
            throws IOException {
        X509Certificate inMemory = pins(kind).get(PinFiles.nameOf(server));
        if (inMemory != null) {
            return inMemory;
        }
        if (store != null) {
            try {
                return store.pinIfAbsent(kind, server, certificate);
            } catch (PinFiles.UnreadablePinException e) {
                throw e;
            } catch (IOException e) {
                if (!own) {
                    throw e;
                }
                warnOfWriting(e);
            }
        }
        keepInMemory(kind, server, certificate);
        return certificate;
    }

    /** Remembers a certificate instead of the one that may be remembered. */
    synchronized void pin(TrustStore.Pin kind, String server, X509Certificate certificate) throws IOException {
        if (store != null) {
            try {
                store.pin(kind, server, certificate);
                pins(kind).remove(PinFiles.nameOf(server));
                return;
            } catch (IOException e) {
                if (!own) {
                    throw e;
                }
                warnOfWriting(e);
            }
        }
        keepInMemory(kind, server, certificate);
    }

    /** Whether anything was remembered. */
    synchronized boolean removePin(String server) throws IOException {
        boolean removed = false;
        for (TrustStore.Pin kind : TrustStore.Pin.values()) {
            removed |= pins(kind).remove(PinFiles.nameOf(server)) != null;
        }
        boolean onDisk = store != null && store.removePin(server);
        return onDisk || removed;
    }

    synchronized List<CertificateSummary> list() throws IOException {
        List<CertificateSummary> all = new ArrayList<>();
        if (store != null) {
            all.addAll(store.list());
        }
        for (X509Certificate certificate : trusted) {
            all.add(CertificateSummary.of(CertificateSummary.State.TRUSTED, "", certificate));
        }
        pins(TrustStore.Pin.FIRST_USE)
                .forEach((name, certificate) -> all.add(
                        CertificateSummary.of(CertificateSummary.State.PINNED, PinFiles.serverOf(name), certificate)));
        return all;
    }

    synchronized CertificateSummary remove(String fingerprint) throws IOException {
        if (store != null) {
            return store.remove(fingerprint);
        }
        X509Certificate meant = TrustStore.theOne(fingerprint, trusted);
        trusted.remove(meant);
        return CertificateSummary.of(CertificateSummary.State.TRUSTED, "", meant);
    }

    private void keepInMemory(TrustStore.Pin kind, String server, X509Certificate certificate) throws IOException {
        Map<String, X509Certificate> all = pins(kind);
        String name = PinFiles.nameOf(server);
        if (all.size() >= MAX_ENTRIES && !all.containsKey(name)) {
            throw new IOException("no room");
        }
        all.put(name, certificate);
    }

    private Map<String, X509Certificate> pins(TrustStore.Pin kind) {
        return pins.computeIfAbsent(kind, k -> new HashMap<>());
    }

    private void warnOfWriting(Exception e) {
        if (!warnedOfWriting) {
            warnedOfWriting = true;
            LOG.warn(
                    "The trust store cannot be written ({}): refused certificates are not kept for approval, and what"
                            + " is seen for the first time is remembered until the daemon ends",
                    e.getClass().getSimpleName());
        }
    }
}
