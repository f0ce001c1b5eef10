package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.certificate.CertificateDescription;
import io.github.opcuasm.daemon.certificate.CertificateSummary;
import io.github.opcuasm.daemon.certificate.OwnCertificate;
import io.github.opcuasm.daemon.certificate.ServerTrust;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.Response;
import io.github.opcuasm.protocol.json.JsonOutput;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code trust} and {@code certificate}: which servers are trusted, and what certificate the daemon has of its own
 * (protocol, section 7). Who may ask was decided before.
 */
final class AdminCommands {
    private static final int MAX_CERTIFICATE = 40 * 1024;
    private static final int LISTED_WEIGHT = 1024;

    private final ServerTrust servers;
    private final OwnCertificate own;

    AdminCommands(ServerTrust servers, OwnCertificate own) {
        this.servers = servers;
        this.own = own;
    }

    /** {@code {"action":"list|add|remove|approve","trustStorePath"?,"certificate"?,"fingerprint"?,"server"?}}. */
    CompletableFuture<Response> trust(Request request) {
        Argument action = new Argument("action", request.get("action"));
        Path store = store(new Argument("trustStorePath", request.get("trustStorePath")));
        Argument fingerprint = new Argument("fingerprint", request.get("fingerprint"));
        return switch (action.text()) {
            case "list" -> servers.list(store).thenApply(AdminCommands::listed);
            case "add" ->
                servers.add(store, certificate(new Argument("certificate", request.get("certificate"))))
                        .thenApply(AdminCommands::changed);
            case "approve" -> servers.approve(store, fingerprint.text()).thenApply(AdminCommands::changed);
            case "remove" -> {
                String server = new Argument("server", request.get("server")).textOrNull();
                yield server == null
                        ? servers.remove(store, fingerprint.text()).thenApply(AdminCommands::changed)
                        : servers.removePin(store, server.toLowerCase(Locale.ROOT))
                                .thenApply(removed -> unpinned(server, removed));
            }
            default -> throw action.misfit("list, add, remove or approve");
        };
    }

    /** Whether a {@code trust} does more than list. */
    static boolean changesTrust(Request request) {
        return !new Argument("action", request.get("action")).text().equals("list");
    }

    /** {@code {"action":"show"}}. */
    CompletableFuture<Response> certificate(Request request) {
        Argument action = new Argument("action", request.get("action"));
        if (!action.text().equals("show")) {
            throw action.misfit("show");
        }
        return own.describe().thenApply(described -> Response.success(out -> describe(out, described)));
    }

    private static @Nullable Path store(Argument path) {
        String text = path.textOrNull();
        try {
            return text == null ? null : Path.of(text);
        } catch (InvalidPathException e) {
            throw new CommandException(ErrorType.INVALID_PATH, "Trust store does not exist or cannot be read: [path]");
        }
    }

    private static byte[] certificate(Argument certificate) {
        try {
            byte[] bytes = Base64.getDecoder().decode(certificate.text().strip());
            if (bytes.length <= MAX_CERTIFICATE) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // As one that is too long: said below.
        }
        throw certificate.misfit("one certificate in base64, of at most " + MAX_CERTIFICATE + " bytes");
    }

    private static Response listed(List<CertificateSummary> certificates) {
        return new Response.Success(
                out -> {
                    out.startObject();
                    out.name("certificates");
                    out.elements(certificates, AdminCommands::summary);
                    out.then(out::endObject);
                },
                (long) certificates.size() * LISTED_WEIGHT);
    }

    private static Response changed(CertificateSummary certificate) {
        return Response.success(out -> {
            out.startObject();
            out.name("certificate");
            summary(out, certificate);
            out.endObject();
        });
    }

    private static Response unpinned(String server, boolean removed) {
        if (!removed) {
            throw CommandException.invalidArgument("server", server, "host:port of a server that showed a certificate");
        }
        return Response.success(out -> {
            out.startObject();
            out.name("server");
            out.string(server);
            out.endObject();
        });
    }

    private static void summary(JsonOutput out, CertificateSummary certificate) throws IOException {
        out.startObject();
        text(out, "state", certificate.state().name().toLowerCase(Locale.ROOT));
        text(out, "server", certificate.server());
        text(out, "subject", certificate.subject());
        text(out, "issuer", certificate.issuer());
        text(out, "sha1", certificate.sha1());
        text(out, "sha256", certificate.sha256());
        text(out, "notBefore", certificate.notBefore().toString());
        text(out, "notAfter", certificate.notAfter().toString());
        out.endObject();
    }

    private static void describe(JsonOutput out, CertificateDescription certificate) throws IOException {
        out.startObject();
        text(out, "subject", certificate.subject());
        text(out, "applicationUri", certificate.applicationUri());
        out.name("hostNames");
        out.startArray();
        for (String host : certificate.hostNames()) {
            out.string(host);
        }
        out.endArray();
        text(out, "sha1", certificate.sha1());
        text(out, "sha256", certificate.sha256());
        text(out, "notBefore", certificate.notBefore().toString());
        text(out, "notAfter", certificate.notAfter().toString());
        text(out, "serialNumber", certificate.serialNumber().toString(16));
        Path path = certificate.path();
        text(out, "path", path == null ? null : path.toString());
        text(out, "pem", certificate.pem());
        out.name("successor");
        CertificateDescription successor = certificate.successor();
        if (successor == null) {
            out.nullValue();
        } else {
            describe(out, successor);
        }
        out.endObject();
    }

    private static void text(JsonOutput out, String name, @Nullable String value) throws IOException {
        out.name(name);
        if (value == null) {
            out.nullValue();
        } else {
            out.string(value);
        }
    }
}
