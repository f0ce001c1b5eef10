package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The certificates that the daemon knows of servers, and what it thinks of them. */
final class TrustListCommand extends AdminCommand {
    private static final String WIDE = "--wide";

    @Override
    void declareOwn(CommandSpec spec) {
        TrustStoreOption.declare(spec);
        spec.addOption(Syntax.flag("whole fingerprints", WIDE));
    }

    @Override
    Request request(ParseResult given) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("action", "list");
        members.put(TrustStoreOption.MEMBER, TrustStoreOption.of(given));
        return new Request("trust", members);
    }

    @Override
    void print(JsonValue.Obj answer, ParseResult given, Console console) {
        List<JsonValue.Obj> certificates = Shown.objects(answer.get("certificates"));
        if (certificates.isEmpty()) {
            console.out().println("No certificate of a server is known.");
            return;
        }
        boolean wide = given.hasMatchedOption(WIDE);
        Instant now = Instant.now();
        var table = new Table("STATE", "SHA-256", "VALID UNTIL", "SERVER", "SUBJECT").keeping(1);
        for (JsonValue.Obj certificate : certificates) {
            table.row(
                    CertificateRow.text(certificate, "state").toLowerCase(Locale.ROOT),
                    CertificateRow.fingerprint(certificate, wide),
                    CertificateRow.validUntil(certificate.get("notAfter"), now),
                    CertificateRow.text(certificate, "server"),
                    CertificateRow.text(certificate, "subject"));
        }
        table.print(console);
    }
}
