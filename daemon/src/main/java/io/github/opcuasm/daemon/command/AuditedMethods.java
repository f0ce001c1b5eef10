package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.NamedConnection;
import io.github.opcuasm.daemon.audit.AuditEvent;
import io.github.opcuasm.daemon.audit.Subject;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.session.SessionHandle;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Request;
import io.github.opcuasm.protocol.json.JsonValue;
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

    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;

    /** Of what somebody was refused, as many are named: anybody can ask for much. */
    private static final int MAX_REFUSED_TARGETS = 16;

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

    /**
     * The nodes and certificates that it is about, in text form; those of parameters that are no such thing are left out.
     * An attribute that is not the value stands before its node, {@code attributeId=24;ns=2;s=Speed}: no node id begins so.
     */
    static List<String> targets(MethodTable.Method method, Params params) {
        List<String> targets = new ArrayList<>();
        switch (method.name()) {
            case "trustCertificate" ->
                add(targets, () -> List.of(sha1(params.get(0, "certificate").text())));
            case "untrustCertificate" ->
                add(targets, () -> List.of(params.get(0, "fingerprint").text()));
            case "writeMulti" ->
                add(
                        targets,
                        () -> params.get(0, "items").requiredList().stream()
                                .map(AuditedMethods::written)
                                .toList());
            default ->
                add(
                        targets,
                        () -> method.targets().nodes(params).stream()
                                .map(NodeReference::toString)
                                .toList());
        }
        return targets;
    }

    private static String written(Argument item) {
        int attributeId = item.member("attributeId").whole(1, LAST_ATTRIBUTE, VALUE);
        String node = item.member("nodeId").nodeId().toString();
        return attributeId == VALUE ? node : "attributeId=" + attributeId + ";" + node;
    }

    /** What a {@code trust} that changes something is about: the certificate, or the server that showed one. */
    static Subject trust(Request request) {
        List<String> targets = new ArrayList<>();
        String certificate = text(request, "certificate");
        if (certificate != null) {
            targets.add(sha1(certificate));
        }
        for (String member : List.of("fingerprint", "server")) {
            String target = text(request, member);
            if (target != null) {
                targets.add(MethodCalls.cut(target));
            }
        }
        return new Subject("trust " + MethodCalls.cut(String.valueOf(text(request, "action"))), null, null, targets);
    }

    /** A method that was refused on a session that may be used. */
    static Subject refused(MethodTable.Method method, SessionHandle handle, Params params) {
        List<String> servers = new ArrayList<>();
        add(servers, () -> {
            String server = method.targets().server(params);
            return server == null ? List.of() : List.of(server);
        });
        String server = servers.isEmpty() ? handle.endpointUrl() : shown(servers.get(0));
        return new Subject(method.name(), handle.id(), server, handle.connection(), few(targets(method, params)));
    }

    /** A command that was refused, or a method without a session. */
    static Subject refused(Request request) {
        String method = text(request, "method");
        String command = text(request, "command");
        String session = SessionCommands.sessionId(request);
        String url = text(request, "endpointUrl");
        String connection = text(request, "connection");
        return new Subject(
                MethodCalls.cut(method == null ? String.valueOf(command) : method),
                session == null ? null : MethodCalls.cut(session),
                url == null ? null : shown(url),
                connection != null && NamedConnection.isName(connection) ? connection : null,
                List.of());
    }

    /** Only what is a URL: what is none may hold anything, user info in an unusual place too. */
    private static @Nullable String shown(String url) {
        try {
            return MethodCalls.cut(EndpointUrl.parse(url).text());
        } catch (CommandException e) {
            return null;
        }
    }

    private static List<String> few(List<String> targets) {
        List<String> few = new ArrayList<>();
        targets.stream().limit(MAX_REFUSED_TARGETS).map(MethodCalls::cut).forEach(few::add);
        if (targets.size() > few.size()) {
            few.add("… " + (targets.size() - few.size()) + " more");
        }
        return few;
    }

    private static @Nullable String text(Request request, String member) {
        return request.get(member) instanceof JsonValue.Str text ? text.value() : null;
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
