package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Changes what the daemon trusts: adds the certificate of a file, approves or removes one that it knows. */
final class TrustChangeCommand extends AdminCommand {
    private static final int MAX_BYTES = 40 * 1024;
    private static final String FINGERPRINT = "SHA-256 or SHA-1, or its first 8 or more digits, as trust list shows it";
    private static final Pattern COLONED = Pattern.compile("([0-9a-fA-F]{2}:){3,}[0-9a-fA-F]{2}");

    /** What is done. */
    enum Action {
        ADD("trusted"),
        APPROVE("trusted"),
        REMOVE("removed");

        private final String done;

        Action(String done) {
            this.done = done;
        }

        private String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Action action;

    TrustChangeCommand(Action action) {
        this.action = action;
    }

    @Override
    void declareOwn(CommandSpec spec) {
        spec.addPositional(
                switch (action) {
                    case ADD -> Syntax.argument(0, "FILE", "the certificate, PEM or DER");
                    case APPROVE -> Syntax.argument(0, "FINGERPRINT", FINGERPRINT);
                    case REMOVE ->
                        Syntax.argument(
                                0,
                                "FINGERPRINT|HOST:PORT",
                                FINGERPRINT + "; or a server, to forget which certificate it showed first");
                });
        TrustStoreOption.declare(spec);
    }

    @Override
    Request request(ParseResult given) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("action", action.wireName());
        String argument = given.matchedPositionalValue(0, "");
        if (action == Action.ADD) {
            members.put("certificate", Base64.getEncoder().encodeToString(certificate(argument)));
        } else if (action == Action.REMOVE && isServer(argument)) {
            members.put("server", argument);
        } else {
            members.put("fingerprint", fingerprint(argument));
        }
        members.put(TrustStoreOption.MEMBER, TrustStoreOption.of(given));
        return new Request("trust", members);
    }

    /** {@code host:port}; a fingerprint with colons has them between pairs of digits. */
    private static boolean isServer(String text) {
        return text.matches("\\S+:[0-9]{1,5}") && !COLONED.matcher(text).matches();
    }

    /** Hex digits in lower case; colons and spaces between them are how other tools print them. */
    private static String fingerprint(String text) {
        String digits = text.replaceAll("[:\\s]", "").toLowerCase(Locale.ROOT);
        if (!digits.matches("[0-9a-f]{8,64}")) {
            throw new UsageException("FINGERPRINT: got " + text + ", expected at least 8 hex digits; `"
                    + Console.PROGRAM + " trust list` shows them");
        }
        return digits;
    }

    /** Of PEM the first certificate. */
    private static byte[] certificate(String file) {
        byte[] bytes = bytes(SessionOption.path("FILE", file));
        if (new String(bytes, StandardCharsets.ISO_8859_1).contains("PRIVATE KEY-----")) {
            throw new UsageException("FILE: " + file + " holds a private key, which stays where it is:"
                    + " expected a file with the certificate alone");
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(bytes))
                    .getEncoded();
        } catch (CertificateException e) {
            throw new UsageException("FILE: " + file + " holds no certificate, neither PEM nor DER");
        }
    }

    private static byte[] bytes(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length == 0 || bytes.length > MAX_BYTES) {
                throw new UsageException("FILE: " + file + " is no certificate: it is "
                        + (bytes.length == 0 ? "empty" : "larger than " + MAX_BYTES / 1024 + " KiB"));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new UsageException("FILE: there is no file " + file);
        } catch (AccessDeniedException e) {
            throw new UsageException("FILE: no permission to read " + file);
        } catch (IOException e) {
            throw new UsageException("FILE: cannot read " + file + ": " + e.getMessage());
        }
    }

    @Override
    void print(JsonValue.Obj answer, ParseResult given, Console console) {
        if (answer.get("certificate") instanceof JsonValue.Obj certificate) {
            console.out()
                    .println(CertificateRow.fingerprint(certificate, true) + "  " + action.done + "  "
                            + CertificateRow.text(certificate, "subject"));
        } else {
            console.out().println(given.matchedPositionalValue(0, "") + "  " + action.done);
        }
    }
}
