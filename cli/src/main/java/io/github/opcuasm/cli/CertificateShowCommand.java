package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The certificate that the daemon shows to servers where a session's config names none. */
final class CertificateShowCommand extends AdminCommand {
    private static final String PEM = "--pem";

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addOption(Syntax.flag("print the certificate itself, to import it into a server's trust list", PEM));
    }

    @Override
    Request request(ParseResult given) {
        return new Request("certificate", Map.of("action", "show"));
    }

    @Override
    void print(JsonValue.Obj answer, ParseResult given, Console console) {
        if (given.hasMatchedOption(PEM)) {
            console.out().print(CertificateRow.text(answer, "pem").stripTrailing() + "\n");
            return;
        }
        show(answer, "", console);
        if (answer.get("successor") instanceof JsonValue.Obj successor) {
            console.out().println();
            console.out().println("It is followed by, so let servers trust this one too:");
            show(successor, "  ", console);
        }
    }

    private static void show(JsonValue.Obj certificate, String indent, Console console) {
        var table = new Table().keepingAll();
        rows(certificate).forEach((name, value) -> {
            if (value != null && !value.equals("-")) {
                table.row(indent + name, value);
            }
        });
        table.print(console);
    }

    private static Map<String, @Nullable String> rows(JsonValue.Obj certificate) {
        Map<String, @Nullable String> rows = new LinkedHashMap<>();
        rows.put("subject", CertificateRow.text(certificate, "subject"));
        rows.put("application URI", CertificateRow.text(certificate, "applicationUri"));
        rows.put("host names", hosts(certificate.get("hostNames")));
        rows.put("valid until", CertificateRow.validUntil(certificate.get("notAfter"), Instant.now()));
        rows.put("SHA-1", CertificateRow.text(certificate, "sha1"));
        rows.put("SHA-256", CertificateRow.text(certificate, "sha256"));
        rows.put("file", CertificateRow.text(certificate, "path"));
        return rows;
    }

    private static @Nullable String hosts(@Nullable JsonValue names) {
        return names instanceof JsonValue.Arr array
                ? array.elements().stream().map(Shown::plain).collect(Collectors.joining(", "))
                : null;
    }
}
