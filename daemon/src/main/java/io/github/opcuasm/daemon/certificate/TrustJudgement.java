package io.github.opcuasm.daemon.certificate;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One certificate of one server, judged by one session's settings.
 *
 * <p>Three things are remembered, and each has its own weight. What an operator put into {@code trusted/} counts for every
 * server and every session; nothing else ever writes there. The pin of {@code host:port} is what the server showed first,
 * and counts for sessions that trust on first use; it moves to another certificate only if that one is in
 * {@code trusted/}. The mark of {@code host:port} is what {@code autoAccept} took, and counts for this server and for
 * sessions with {@code autoAccept} alone: who does not ask for it is not concerned by those who do. A pin or a mark that
 * cannot be read, or that an operator withdrew, is another certificate than any that is shown.
 *
 * <p>Judging remembers nothing but refused certificates. {@link #keep} judges again before it remembers: of two sessions
 * that see different first certificates the one that keeps first is right, and the other one is refused. The caller holds
 * the lock of the memory meanwhile.
 */
final class TrustJudgement {
    private static final Logger LOG = LoggerFactory.getLogger(TrustJudgement.class);

    private final TrustMemory memory;
    private final TrustSettings settings;
    private final PresentedCertificate presented;
    private final X509Certificate shown;
    private final Instant now;

    /**
     * What is to be remembered.
     *
     * @param replaces whether instead of another one, else only if there is none
     * @param reason for the log; null if it is no news to it
     */
    private record News(
            TrustStore.Pin kind, boolean replaces, @Nullable String reason) {}

    /** What there is; {@code certificate} null: nobody can tell which. */
    private record Remembered(@Nullable X509Certificate certificate) {}

    /** Reads nothing yet; the chain must not be empty. */
    TrustJudgement(TrustMemory memory, TrustSettings settings, PresentedCertificate presented, Instant now) {
        this.memory = memory;
        this.settings = settings;
        this.presented = presented;
        this.shown = presented.chain().get(0);
        this.now = now;
    }

    /**
     * Judges.
     *
     * @return whether there is anything to {@link #keep}
     * @throws CommandException {@link ErrorType#UNTRUSTED_CERTIFICATE} if the certificate is refused
     */
    boolean hasNews() throws IOException {
        return judge() != null;
    }

    /** Judges once more, and remembers what is new. */
    void keep() throws IOException {
        News news = judge();
        if (news == null) {
            return;
        }
        if (news.replaces()) {
            memory.pin(news.kind(), presented.server(), shown);
        } else if (!shown.equals(memory.pinIfAbsent(news.kind(), presented.server(), shown))) {
            // Another process was faster.
            throw refused(news.kind());
        }
        if (news.reason() != null) {
            LOG.warn("{}: {}, SHA-256 {}", presented.server(), news.reason(), Fingerprints.sha256(shown));
        }
    }

    private @Nullable News judge() throws IOException {
        return settings.policy() == TrustPolicy.FIRST_USE ? firstUse() : stored();
    }

    private @Nullable News firstUse() throws IOException {
        Remembered pin = remembered(TrustStore.Pin.FIRST_USE);
        if (pin == null) {
            return new News(TrustStore.Pin.FIRST_USE, false, "first contact, its certificate is trusted from now on");
        }
        if (shown.equals(pin.certificate())) {
            return null;
        }
        if (memory.isTrusted(shown)) {
            return new News(
                    TrustStore.Pin.FIRST_USE,
                    true,
                    "its certificate has changed and is accepted, because an operator approved it");
        }
        if (settings.autoAccept()) {
            Remembered mark = remembered(TrustStore.Pin.ACCEPTED);
            if (mark != null && shown.equals(mark.certificate())) {
                return null;
            }
            if (settings.autoAcceptForce()) {
                return forced();
            }
        }
        throw refused(TrustStore.Pin.FIRST_USE);
    }

    private @Nullable News stored() throws IOException {
        String objection = null;
        boolean trusted;
        if (settings.policy() == TrustPolicy.FULL) {
            FullValidation validation = new FullValidation(memory, settings, presented, now);
            objection = validation.objection();
            trusted = validation.isTrusted();
        } else {
            trusted = memory.isTrusted(shown);
            if (settings.policy() == TrustPolicy.FINGERPRINT_AND_EXPIRY) {
                objection = FullValidation.validity(shown, now);
            }
        }
        if (objection != null) {
            memory.reject(presented.server(), shown);
            throw untrusted("The certificate of " + presented.server() + " " + objection + " (SHA-256 "
                    + Fingerprints.sha256(shown) + ", trust policy "
                    + settings.policy().wireName() + "). The server needs another one, or the session another policy");
        }
        if (!settings.autoAccept()) {
            if (trusted) {
                return null;
            }
            throw refused(TrustStore.Pin.ACCEPTED);
        }
        Remembered mark = remembered(TrustStore.Pin.ACCEPTED);
        if (mark != null && shown.equals(mark.certificate())) {
            return null;
        }
        if (trusted) {
            // So that its next one is a changed one.
            return new News(TrustStore.Pin.ACCEPTED, true, null);
        }
        if (mark == null) {
            Remembered pin = remembered(TrustStore.Pin.FIRST_USE);
            if (pin == null || shown.equals(pin.certificate())) {
                return new News(
                        TrustStore.Pin.ACCEPTED,
                        false,
                        "its certificate is accepted and kept, because it is its first and autoAccept is set");
            }
        }
        if (settings.autoAcceptForce()) {
            return forced();
        }
        throw refused(TrustStore.Pin.ACCEPTED);
    }

    private static News forced() {
        return new News(
                TrustStore.Pin.ACCEPTED, true, "its certificate is accepted and kept, because autoAcceptForce is set");
    }

    /** Null if there is nothing. */
    private @Nullable Remembered remembered(TrustStore.Pin kind) throws IOException {
        try {
            X509Certificate found = memory.pin(kind, presented.server());
            return found == null ? null : new Remembered(found);
        } catch (PinFiles.UnreadablePinException e) {
            return new Remembered(null);
        }
    }

    /** Keeps the certificate for approval; the message tells what it was compared with. */
    private CommandException refused(TrustStore.Pin comparedWith) throws IOException {
        memory.reject(presented.server(), shown);
        return untrusted(
                comparedWith == TrustStore.Pin.FIRST_USE ? changed() + wayOut(true) : notTrusted() + wayOut(false));
    }

    private String changed() throws IOException {
        Remembered pin = remembered(TrustStore.Pin.FIRST_USE);
        X509Certificate pinned = pin == null ? null : pin.certificate();
        String before = pinned == null
                ? "cannot be compared with the one that was pinned, which cannot be read"
                : "has changed: pinned was SHA-256 " + Fingerprints.sha256(pinned);
        return "The certificate of " + presented.server() + " " + before + ", shown is SHA-256 "
                + Fingerprints.sha256(shown) + ". If that is meant, ";
    }

    private String notTrusted() throws IOException {
        StringBuilder message = new StringBuilder(
                "The certificate of " + presented.server() + " is not trusted: SHA-256 " + Fingerprints.sha256(shown));
        Remembered mark = remembered(TrustStore.Pin.ACCEPTED);
        X509Certificate before = mark == null ? null : mark.certificate();
        if (before != null && !before.equals(shown)) {
            message.append(", accepted before was SHA-256 ").append(Fingerprints.sha256(before));
        }
        if (settings.policy() == TrustPolicy.FULL) {
            message.append("; neither it nor an authority (CA with keyCertSign) that issued it is in the store");
        }
        return message.append(". If it is the server's, ").toString();
    }

    private String wayOut(boolean pinned) {
        String approve = "approve it (trust approve " + Fingerprints.sha256(shown) + ")";
        if (pinned) {
            return (memory.hasStore() ? approve + " or " : "") + "remove the pin of " + presented.server();
        }
        return memory.hasStore()
                ? approve
                : "give the daemon a state directory (--state-dir) and approve it there, or add it";
    }

    static CommandException untrusted(String message) {
        return new CommandException(ErrorType.UNTRUSTED_CERTIFICATE, message);
    }
}
