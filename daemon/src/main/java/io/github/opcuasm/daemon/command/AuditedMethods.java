package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.NodeReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which methods the audit log records, and what each of them changes. */
final class AuditedMethods {
    /** What DER of a certificate begins with. */
    private static final int SEQUENCE = 0x30;

    private AuditedMethods() {}

    /** Null for a method that is not recorded. */
    static @Nullable AuditEvent event(MethodTable.Method method) {
        return switch (method.name()) {
            case "write", "writeMulti" -> AuditEvent.WRITE;
            case "trustCertificate", "untrustCertificate" -> AuditEvent.ADMINISTRATION;
            case "addNodes", "deleteNodes", "addReferences", "deleteReferences" -> AuditEvent.NODE_MANAGEMENT;
            default ->
                !method.changesPlant()
                        ? null
                        : method.name().startsWith("history") ? AuditEvent.HISTORY_UPDATE : AuditEvent.CALL;
        };
    }

    /** The nodes and certificates that it is about, in text form; those of parameters that are no such thing are left out. */
    static List<String> targets(MethodTable.Method method, Params params) {
        List<String> targets = new ArrayList<>();
        switch (method.name()) {
            case "trustCertificate" ->
                add(targets, () -> List.of(sha1(params.get(0, "certificate").text())));
            case "untrustCertificate" ->
                add(targets, () -> List.of(params.get(0, "fingerprint").text()));
            default ->
                add(
                        targets,
                        () -> method.targets().nodes(params).stream()
                                .map(NodeReference::toString)
                                .toList());
        }
        return targets;
    }

    /** The method itself will say what is wrong with the parameter. */
    private static void add(List<String> targets, Supplier<List<String>> found) {
        try {
            targets.addAll(found.get());
        } catch (CommandException e) {
            // It will be refused before anything is sent.
        }
    }

    /** As the trust store names it; a client may have encoded it twice. */
    private static String sha1(String base64) {
        try {
            byte[] der = Base64.getDecoder().decode(base64.strip());
            if (der.length > 0 && der[0] != SEQUENCE) {
                der = Base64.getDecoder().decode(der);
            }
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(der));
        } catch (IllegalArgumentException e) {
            return "no certificate";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
