package io.github.opcuasm.daemon.certificate;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered of servers: in a store's files where there is a store, else for the process's life. Pins that a
 * store of the daemon's own cannot write are remembered here as well: a full disk must neither stop the plant nor make the
 * daemon forget what it saw. Each question for such a pin tries to write it again; who changed the file meanwhile has the
 * last word. Bounded; when it is full new servers are refused, never old ones forgotten.
 */
final class TrustMemory {
    private static final Logger LOG = LoggerFactory.getLogger(TrustMemory.class);
    private static final int MAX_ENTRIES = 10_000;
    private static final int MAX_REJECTED_OF_ONE = 5;
    private static final int MAX_REJECTING = 1_000;
    private static final String NOTHING = "";
    private static final String UNREADABLE = "?";

    private final @Nullable TrustStore store;
    private final boolean own;
    private final Map<TrustStore.Pin, Map<String, Kept>> pins = new HashMap<>();
    /** Of those that a server showed, the last ones. */
    private final Map<String, Set<X509Certificate>> rejected = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<X509Certificate>> eldest) {
            return size() > MAX_REJECTING;
        }
    };

    private final Set<X509Certificate> trusted = new LinkedHashSet<>();
    private boolean warnedOfWriting;

    /**
     * A pin in memory.
     *
     * @param certificate null if it was withdrawn
     * @param onDisk what the store had when it could not be written
     */
    private record Kept(@Nullable X509Certificate certificate, String onDisk) {}

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

    /**
     * Keeps a refused certificate where operators find it, if there is such a place; of one server the {@value
     * #MAX_REJECTED_OF_ONE} last ones, that it does not drive out those of others. Never fails.
     */
    synchronized void reject(String server, X509Certificate certificate) {
        if (store == null) {
            return;
        }
        try {
            store.reject(certificate);
            Set<X509Certificate> ofServer =
                    rejected.computeIfAbsent(PinFiles.nameOf(server), s -> new LinkedHashSet<>());
            ofServer.remove(certificate);
            ofServer.add(certificate);
            if (ofServer.size() > MAX_REJECTED_OF_ONE) {
                X509Certificate oldest = ofServer.iterator().next();
                ofServer.remove(oldest);
                store.discardRejected(oldest);
            }
        } catch (IOException | CertificateException e) {
            warnOfWriting(e);
        }
    }

    /** Null if nothing is remembered of the server. */
    synchronized @Nullable X509Certificate pin(TrustStore.Pin kind, String server) throws IOException {
        X509Certificate inMemory = inMemory(kind, server);
        return inMemory != null || store == null ? inMemory : store.pin(kind, server);
    }

    /** Remembers a certificate unless one is remembered; answers with the one that is. */
    synchronized X509Certificate pinIfAbsent(TrustStore.Pin kind, String server, X509Certificate certificate)
            throws IOException {
        X509Certificate inMemory = inMemory(kind, server);
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
        Set<CertificateSummary> pinned = new LinkedHashSet<>();
        for (TrustStore.Pin kind : TrustStore.Pin.values()) {
            pins(kind).forEach((name, kept) -> {
                X509Certificate certificate = kept.certificate();
                if (certificate != null) {
                    pinned.add(CertificateSummary.of(
                            CertificateSummary.State.PINNED, PinFiles.serverOf(name), certificate));
                }
            });
        }
        all.addAll(pinned);
        return all;
    }

    synchronized CertificateSummary remove(String fingerprint) throws IOException {
        Map<String, Kept> marks = pins(TrustStore.Pin.ACCEPTED);
        if (store != null) {
            CertificateSummary removed = store.remove(fingerprint);
            marks.values().removeIf(kept -> {
                X509Certificate certificate = kept.certificate();
                return certificate != null && Fingerprints.sha256(certificate).equals(removed.sha256());
            });
            return removed;
        }
        List<X509Certificate> candidates = new ArrayList<>(trusted);
        marks.values().stream().map(Kept::certificate).filter(Objects::nonNull).forEach(candidates::add);
        X509Certificate meant = TrustStore.theOne(fingerprint, candidates);
        boolean wasTrusted = trusted.remove(meant);
        marks.replaceAll((name, kept) -> meant.equals(kept.certificate()) ? new Kept(null, NOTHING) : kept);
        return CertificateSummary.of(
                wasTrusted ? CertificateSummary.State.TRUSTED : CertificateSummary.State.PINNED, "", meant);
    }

    /** Null if there is nothing that the store does not know better. */
    private @Nullable X509Certificate inMemory(TrustStore.Pin kind, String server) throws IOException {
        String name = PinFiles.nameOf(server);
        Kept kept = pins(kind).get(name);
        if (kept == null) {
            return null;
        }
        X509Certificate certificate = kept.certificate();
        if (certificate == null) {
            throw new PinFiles.UnreadablePinException();
        }
        if (store == null) {
            return certificate;
        }
        try {
            if (onDisk(store, kind, server).equals(kept.onDisk())) {
                store.pin(kind, server, certificate);
            }
            pins(kind).remove(name);
            return null;
        } catch (IOException e) {
            return certificate;
        }
    }

    /** What lies there, in a form to be compared. */
    private static String onDisk(TrustStore store, TrustStore.Pin kind, String server) throws IOException {
        try {
            X509Certificate found = store.pin(kind, server);
            return found == null ? NOTHING : Fingerprints.sha256(found);
        } catch (PinFiles.UnreadablePinException e) {
            return UNREADABLE;
        }
    }

    private void keepInMemory(TrustStore.Pin kind, String server, X509Certificate certificate) throws IOException {
        Map<String, Kept> all = pins(kind);
        String name = PinFiles.nameOf(server);
        if (all.size() >= MAX_ENTRIES && !all.containsKey(name)) {
            throw new IOException("no room");
        }
        String onDisk = NOTHING;
        if (store != null) {
            Kept before = all.get(name);
            onDisk = before == null ? onDisk(store, kind, server) : before.onDisk();
        }
        all.put(name, new Kept(certificate, onDisk));
    }

    private Map<String, Kept> pins(TrustStore.Pin kind) {
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
