package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A certificate of an answer, as people read it. */
final class CertificateRow {
    private static final int SHORT_FINGERPRINT = 16;

    private CertificateRow() {}

    /** A member's text; a dash where there is none. */
    static String text(JsonValue.Obj certificate, String member) {
        return certificate.get(member) instanceof JsonValue.Str text
                        && !text.value().isEmpty()
                ? text.value()
                : "-";
    }

    /** The SHA-256 fingerprint: enough of it to name it by, or all of it. */
    static String fingerprint(JsonValue.Obj certificate, boolean whole) {
        String text = text(certificate, "sha256");
        return whole || text.length() <= SHORT_FINGERPRINT ? text : text.substring(0, SHORT_FINGERPRINT);
    }

    /** The day of its last validity, and whether that is over. */
    static String validUntil(@Nullable JsonValue notAfter, Instant now) {
        if (!(notAfter instanceof JsonValue.Str text)) {
            return "-";
        }
        try {
            Instant end = OffsetDateTime.parse(text.value()).toInstant();
            return text.value().substring(0, 10) + (now.isAfter(end) ? " (expired)" : "");
        } catch (DateTimeException e) {
            return text.value();
        }
    }
}
