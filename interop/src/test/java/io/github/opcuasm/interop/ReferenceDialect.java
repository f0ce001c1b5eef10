package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns an answer of the reference into the one that is expected of us, by the rules that apply everywhere, and remembers
 * which of them changed something. What only a running server can know becomes a {@link Wildcard}.
 */
final class ReferenceDialect {
    private static final Pattern WHOLE_SECOND = Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)\\+00:00");
    private static final Pattern STATUS_CODE = Pattern.compile("0x([0-9A-F]{8})");
    private static final BigInteger TWO_TO_THE_64 = BigInteger.ONE.shiftLeft(64);
    private static final int FLOAT_DIGITS = 9;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What changes the plant, of all that was recorded. */
    private static final Set<String> CHANGING =
            Set.of("write", "writeMulti", "call", "addNodes", "deleteNodes", "addReferences", "historyInsertData");

    /** Their messages are words of the protocol. */
    private static final Set<String> WORDED = Set.of("session_not_found", "unknown_command", "forbidden_method");

    /** Members that are fractional numbers wherever they stand. */
    private static final Set<String> FRACTIONAL =
            Set.of("opcuaTimeout", "revisedPublishingInterval", "revisedSamplingInterval", "interval");

    private final Correspondence names;
    private final Set<Rule> applied = EnumSet.noneOf(Rule.class);

    ReferenceDialect(Correspondence names) {
        this.names = names;
    }

    /** The rules that changed an answer so far. */
    Set<Rule> applied() {
        return applied;
    }

    /** The answer that is expected when the reference gave the recorded one to this request. */
    JsonNode ours(RecordedExchange exchange, JsonNode recorded) {
        if (!recorded.path("success").booleanValue()) {
            JsonNode error = recorded.get("error");
            return error(
                    exchange,
                    error.get("type").textValue(),
                    error.get("message").textValue());
        }
        JsonNode data = recorded.get("data");
        return success(
                switch (exchange.operation()) {
                    case "open" -> opened(data);
                    case "list" -> listed(data);
                    case "describe" -> described(data);
                    case "publish" -> published(exchange, data);
                    case "createEventMonitoredItem" -> eventItem(exchange, data);
                    case "getTimeout" -> fraction(data);
                    default -> rewritten(data);
                });
    }

    static JsonNode success(JsonNode data) {
        ObjectNode answer = JSON.objectNode();
        answer.put("success", true);
        answer.set("data", data);
        return answer;
    }

    private JsonNode error(RecordedExchange exchange, String type, String recordedMessage) {
        Matcher code = STATUS_CODE.matcher(recordedMessage);
        ObjectNode error = errorOf(exchange, type, code.find() ? "0x" + code.group(1) : "");
        if (WORDED.contains(type)) {
            error.put("message", names.liveText(recordedMessage));
        }
        return failure(error);
    }

    /** @param code of the status, {@code code} for any, empty for none */
    JsonNode listedError(RecordedExchange exchange, String type, String code) {
        return failure(errorOf(exchange, type, code));
    }

    private static JsonNode failure(ObjectNode error) {
        ObjectNode answer = JSON.objectNode();
        answer.put("success", false);
        answer.set("error", error);
        return answer;
    }

    private ObjectNode errorOf(RecordedExchange exchange, String type, String code) {
        ObjectNode error = JSON.objectNode();
        error.put("type", type);
        error.set("message", Wildcard.message());
        if (code.startsWith("0x")) {
            applied.add(Rule.ERROR_CODE);
            error.put("code", Long.parseLong(code.substring(2), 16));
        } else if (!code.isEmpty()) {
            error.set("code", Wildcard.whole());
        } else if (type.equals("ConnectionException")) {
            error.set("code", Wildcard.optional("a status code", JsonNode::isIntegralNumber));
        }
        if (CHANGING.contains(exchange.operation()) && !type.equals("unknown_method")) {
            applied.add(Rule.OUTCOME);
            error.set("outcome", Wildcard.of("not_sent or unknown", ReferenceDialect::isOutcome));
        }
        return error;
    }

    private static boolean isOutcome(JsonNode node) {
        return node.asText().equals("not_sent") || node.asText().equals("unknown");
    }

    private JsonNode opened(JsonNode data) {
        ObjectNode opened = JSON.objectNode();
        String live = names.liveSession(data.get("sessionId").textValue());
        opened.set("sessionId", live == null ? Wildcard.sessionId() : JSON.textNode(live));
        if (!data.has("reused")) {
            applied.add(Rule.REUSED);
        }
        opened.put("reused", data.path("reused").booleanValue());
        return opened;
    }

    /** Sessions that were not to be had here are not listed. */
    private JsonNode listed(JsonNode data) {
        ArrayNode sessions = JSON.arrayNode();
        for (JsonNode session : data.get("sessions")) {
            String live = names.liveSession(session.get("id").textValue());
            if (live != null) {
                applied.add(Rule.STATE_AND_HOLDERS);
                ObjectNode entry = sessions.addObject();
                entry.put("id", live);
                entry.put(
                        "endpointUrl", names.liveUrl(session.get("endpointUrl").textValue()));
                entry.set("lastUsed", Wildcard.fraction());
                entry.set("config", config(session.get("config")));
                entry.put("state", "Connected");
                entry.set("holders", Wildcard.whole());
                entry.putNull("connection");
                applied.add(Rule.MAILBOX);
                entry.set(
                        "subscriptions",
                        Wildcard.of("an array of objects", node -> Wildcard.isArrayOf(node, JsonNode::isObject)));
            }
        }
        ObjectNode list = JSON.objectNode();
        list.put("count", sessions.size());
        list.set("sessions", sessions);
        return list;
    }

    /** The reference asks for a field that the server does not know, and does not say so. */
    private JsonNode eventItem(RecordedExchange exchange, JsonNode data) {
        JsonNode ours = rewritten(data);
        if (exchange.key().equals("createEventMonitoredItem-fields") && ours instanceof ObjectNode item) {
            applied.add(Rule.FILTER_ERRORS);
            item.set(
                    "filterErrors",
                    Wildcard.of("an array of texts", node -> Wildcard.isArrayOf(node, JsonNode::isTextual)));
        }
        return ours;
    }

    /** In {@code query}; {@code invoke} writes what the reference has. */
    private JsonNode published(RecordedExchange exchange, JsonNode data) {
        JsonNode ours = rewritten(data);
        if (exchange.command().equals("query") && ours instanceof ObjectNode message) {
            applied.add(Rule.MAILBOX);
            message.put("epoch", 0);
            message.put("dropped", 0);
            message.putNull("gap");
        }
        return ours;
    }

    private JsonNode config(JsonNode recorded) {
        if (recorded.isArray()) {
            applied.add(Rule.EMPTY_OBJECT);
            return JSON.objectNode();
        }
        ObjectNode config = (ObjectNode) rewritten(recorded);
        for (String path : new String[] {"trustStorePath", "clientCertPath", "userCertPath"}) {
            if (config.has(path)) {
                config.put(path, names.livePath(config.get(path).textValue()));
            }
        }
        return config;
    }

    private JsonNode described(JsonNode data) {
        applied.add(Rule.DESCRIBES_MORE);
        ObjectNode described = JSON.objectNode();
        for (Map.Entry<String, JsonNode> list : data.properties()) {
            described.set(
                    list.getKey(),
                    Wildcard.of("an array with all of " + list.getValue(), node -> containsAll(node, list.getValue())));
        }
        return described;
    }

    /** All but {@code registerTypeCodec}, which is about objects of the PHP process. */
    private static boolean containsAll(JsonNode actual, JsonNode recorded) {
        if (!Wildcard.isArrayOf(actual, JsonNode::isTextual)) {
            return false;
        }
        Set<JsonNode> names = new HashSet<>();
        actual.forEach(names::add);
        for (JsonNode name : recorded) {
            boolean isLocal = name.textValue().equals("registerTypeCodec");
            if (names.contains(name) == isLocal) {
                return false;
            }
        }
        return true;
    }

    private JsonNode rewritten(JsonNode recorded) {
        if (recorded.isObject()) {
            return rewrittenObject(recorded);
        }
        if (recorded.isArray()) {
            return eachOf(recorded, this::rewritten);
        }
        return recorded.isTextual() ? text(recorded) : recorded;
    }

    private JsonNode rewrittenObject(JsonNode recorded) {
        ObjectNode object = JSON.objectNode();
        for (Map.Entry<String, JsonNode> member : recorded.properties()) {
            object.set(member.getKey(), member(member.getKey(), member.getValue()));
        }
        if (recorded.has("value")) {
            int type = recorded.path("type").path("__t").isMissingNode()
                    ? recorded.path("type").intValue()
                    : recorded.get("type").get("v").intValue();
            object.set("value", value(type, recorded.get("value")));
        }
        if (isStructureOfNamespace0(recorded)) {
            applied.add(Rule.DECODED_STRUCTURES);
            object.set("value", Wildcard.object());
        }
        return object;
    }

    private JsonNode member(String name, JsonNode recorded) {
        return switch (name) {
            case "subscriptionId", "monitoredItemId", "subId" -> serverId(recorded);
            case "sequenceNumber" -> Wildcard.whole();
            case "availableSequenceNumbers" -> Wildcard.wholes();
            case "moreNotifications" -> Wildcard.flag();
            case "notifications" -> Notifications.expected();
            case "cert", "serverCertificate" -> Wildcard.textOrNull();
            case "url", "endpointUrl" -> JSON.textNode(names.liveUrl(recorded.textValue()));
            case "time" -> Wildcard.fraction();
            default -> FRACTIONAL.contains(name) ? fraction(recorded) : rewritten(recorded);
        };
    }

    private JsonNode serverId(JsonNode recorded) {
        if (recorded.longValue() == 0) {
            return recorded;
        }
        Long live = names.liveServerId(recorded.longValue());
        return live == null ? Wildcard.of("a positive integer", node -> node.longValue() > 0) : JSON.numberNode(live);
    }

    private static boolean isStructureOfNamespace0(JsonNode object) {
        JsonNode typeId = object.path("typeId");
        boolean hasBody =
                object.path("body").isTextual() || object.path("bodyB64").isTextual();
        boolean isStandard = typeId.path("__t").isMissingNode()
                ? typeId.path("ns").asInt(-1) == 0
                : !typeId.path("v").asText().startsWith("ns=");
        return hasBody && isStandard && object.path("encoding").asInt() == 1;
    }

    /** The value of a Variant or DataValue of this type. */
    private JsonNode value(int type, JsonNode recorded) {
        if (recorded.isArray()) {
            return eachOf(recorded, element -> value(type, element));
        }
        if (recorded.isNull()) {
            return recorded;
        }
        return switch (type) {
            case 9 -> unsigned(recorded);
            case 10 -> shortestFloat(recorded);
            case 11 -> fraction(recorded);
            case 15 -> base64(recorded);
            default -> rewritten(recorded);
        };
    }

    private JsonNode unsigned(JsonNode recorded) {
        if (recorded.bigIntegerValue().signum() >= 0) {
            return recorded;
        }
        applied.add(Rule.EXACT_UINT64);
        return JSON.numberNode(recorded.bigIntegerValue().add(TWO_TO_THE_64));
    }

    private JsonNode shortestFloat(JsonNode recorded) {
        BigDecimal exact = recorded.decimalValue();
        float value = exact.floatValue();
        for (int digits = 1; digits <= FLOAT_DIGITS; digits++) {
            BigDecimal shorter = exact.round(new MathContext(digits));
            if (shorter.floatValue() == value) {
                if (shorter.compareTo(exact) != 0) {
                    applied.add(Rule.SHORTEST_FLOAT);
                }
                return fraction(JSON.numberNode(shorter));
            }
        }
        throw new IllegalArgumentException("No Float: " + recorded);
    }

    private JsonNode fraction(JsonNode recorded) {
        if (recorded.isIntegralNumber()) {
            applied.add(Rule.FRACTIONS);
        }
        return JSON.numberNode(recorded.decimalValue());
    }

    private JsonNode base64(JsonNode recorded) {
        if (recorded.textValue().isEmpty()) {
            return recorded;
        }
        applied.add(Rule.BASE64);
        return JSON.textNode(
                Base64.getEncoder().encodeToString(recorded.textValue().getBytes(StandardCharsets.UTF_8)));
    }

    private JsonNode text(JsonNode recorded) {
        Matcher second = WHOLE_SECOND.matcher(recorded.textValue());
        if (second.matches()) {
            applied.add(Rule.SIX_DIGITS);
        }
        if (Correspondence.isRecordingTime(recorded.textValue())) {
            return Wildcard.time();
        }
        return second.matches() ? Wildcard.timeIn(second.group(1)) : recorded;
    }

    private static ArrayNode eachOf(JsonNode array, UnaryOperator<JsonNode> rewriting) {
        ArrayNode rewritten = JSON.arrayNode();
        array.forEach(element -> rewritten.add(rewriting.apply(element)));
        return rewritten;
    }
}
