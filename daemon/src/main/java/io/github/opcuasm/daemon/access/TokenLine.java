package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.RateLimit;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.json.JsonReader;
import io.github.opcuasm.protocol.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of the tokens file: {@code {"name":"hmi","sha256":"…","scopes":["read"],"endpoints":[…],"nodes":[…],
 * "rate":{"requests":"100/s"},"expires":"2027-01-01T00:00:00Z"}}; what comes after {@code scopes} may be absent. A member
 * that is not known is an error: it would be a limit that nobody keeps.
 */
final class TokenLine {
    private static final Set<String> MEMBERS =
            Set.of("name", "sha256", "scopes", "endpoints", "nodes", "rate", "expires");

    private TokenLine() {}

    /** @throws IllegalArgumentException that begins with the field; never shows what may be a token */
    static NamedToken read(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        JsonValue.Obj members;
        try {
            members = JsonReader.readValue(bytes, 0, bytes.length) instanceof JsonValue.Obj object ? object : null;
        } catch (CommandException e) {
            members = null;
        }
        if (members == null) {
            throw new IllegalArgumentException("expected one JSON object on the line");
        }
        for (String member : members.members().keySet()) {
            if (!MEMBERS.contains(member)) {
                throw new IllegalArgumentException("got an unknown member, expected " + sorted());
            }
        }
        Grant grant = Grant.of(
                texts("scopes", members.get("scopes"), List.of()),
                texts("endpoints", members.get("endpoints"), Grant.everywhere()),
                texts("nodes", members.get("nodes"), Grant.everywhere()),
                rate(members.get("rate")));
        return new NamedToken(
                text("name", members.get("name")),
                text("sha256", members.get("sha256")),
                grant,
                expires(members.get("expires")));
    }

    static String write(NamedToken token) {
        StringBuilder out = new StringBuilder("{\"name\":");
        quote(out, token.name());
        out.append(",\"sha256\":");
        quote(out, token.sha256());
        Grant grant = token.grant();
        list(out, "scopes", grant.scopes().stream().sorted().map(Scope::text).toList());
        list(out, "endpoints", grant.endpoints());
        list(out, "nodes", grant.nodes());
        Map<String, String> rates = new LinkedHashMap<>();
        rate(rates, "requests", grant.rates().requests());
        rate(rates, "writes", grant.rates().writes());
        rate(rates, "opens", grant.rates().opens());
        if (!rates.isEmpty()) {
            out.append(",\"rate\":{");
            String comma = "";
            for (Map.Entry<String, String> rate : rates.entrySet()) {
                out.append(comma);
                quote(out, rate.getKey());
                out.append(':');
                quote(out, rate.getValue());
                comma = ",";
            }
            out.append('}');
        }
        Instant expires = token.expires();
        if (expires != null) {
            out.append(",\"expires\":");
            quote(out, expires.toString());
        }
        return out.append('}').toString();
    }

    private static void rate(Map<String, String> rates, String name, @Nullable RateLimit limit) {
        if (limit != null) {
            rates.put(name, limit.toString());
        }
    }

    private static void list(StringBuilder out, String name, List<?> values) {
        if (values.size() == 1 && values.get(0).toString().equals("*")) {
            return;
        }
        out.append(",\"").append(name).append("\":[");
        String comma = "";
        for (Object value : values) {
            out.append(comma);
            quote(out, value.toString());
            comma = ",";
        }
        out.append(']');
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static String text(String field, @Nullable JsonValue value) {
        if (value instanceof JsonValue.Str text) {
            return text.value();
        }
        throw new IllegalArgumentException(field + ": expected a string");
    }

    private static List<String> texts(String field, @Nullable JsonValue value, List<String> absent) {
        if (value == null) {
            return absent;
        }
        List<JsonValue> elements = value.asArray();
        if (elements == null) {
            throw new IllegalArgumentException(field + ": expected an array of strings");
        }
        List<String> texts = new ArrayList<>();
        for (JsonValue element : elements) {
            texts.add(text(field, element));
        }
        return texts;
    }

    private static Map<String, String> rate(@Nullable JsonValue value) {
        if (value == null) {
            return Map.of();
        }
        JsonValue.Obj object = value.asObject();
        if (object == null) {
            throw new IllegalArgumentException("rate: expected an object of requests, writes, opens");
        }
        Map<String, String> limits = new LinkedHashMap<>();
        object.members().forEach((name, limit) -> limits.put(name, text("rate." + name, limit)));
        return limits;
    }

    private static @Nullable Instant expires(@Nullable JsonValue value) {
        if (value == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text("expires", value)).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expires: expected a time like 2027-01-01T00:00:00Z", e);
        }
    }

    private static String sorted() {
        return String.join(", ", MEMBERS.stream().sorted().toList());
    }
}
