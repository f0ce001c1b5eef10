package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds misspelt names of event fields. Few servers refuse one: a field that no event has is null in all of them, and a
 * condition on it is never true, without a word. Names of the specification are known; for others the server's event types
 * are browsed, once. It is a warning only: servers may report fields that none of their types declares.
 */
final class EventFields {
    private static final String BASE_EVENT_TYPE = "i=2041";
    private static final String HIERARCHICAL_REFERENCES = "i=33";
    private static final int MAX_DEPTH = 12;

    /** Fields of BaseEventType and of the conditions and alarms (Part 5, 6.4.2; Part 9, 5). */
    private static final Set<String> STANDARD = Set.of(
            "EventId",
            "EventType",
            "SourceNode",
            "SourceName",
            "Time",
            "ReceiveTime",
            "LocalTime",
            "Message",
            "Severity",
            "ConditionClassId",
            "ConditionClassName",
            "ConditionId",
            "ConditionName",
            "BranchId",
            "Retain",
            "EnabledState",
            "Quality",
            "LastSeverity",
            "Comment",
            "ClientUserId",
            "AckedState",
            "ConfirmedState",
            "ActiveState",
            "InputNode",
            "SuppressedState",
            "ShelvingState",
            "LimitState",
            "HighLimit",
            "LowLimit",
            "HighHighLimit",
            "LowLowLimit");

    /** Words of where clauses that are no fields (docs/filters.md). */
    private static final Set<String> WORDS =
            Set.of("and", "or", "not", "is", "null", "between", "in", "like", "true", "false", "oftype", "cast", "as");

    /** What has words in it that are no fields: texts, node ids, types. */
    private static final Pattern NO_FIELDS = Pattern.compile(
            "'(?:[^']|'')*'|\\b(?:ns=\\d+;|nsu=[^;]*;)?[isgb]=[^\\s,()]+|(?i:ofType)\\s*\\([^)]*\\)|(?i:\\bas)\\s+[^\\s)]+");

    private static final Pattern FIELD = Pattern.compile("(?:[A-Za-z0-9_:]*::)?((?:[0-9]+:)?[A-Za-z_][A-Za-z0-9_.$#-]*)"
            + "(?:/[A-Za-z0-9_:.$#-]+)*(?:@[A-Za-z]+)?(\\s*\\()?");

    private EventFields() {}

    /** The first name of each field of a clause. */
    static List<String> ofClause(String where) {
        List<String> fields = new ArrayList<>();
        Matcher matcher = FIELD.matcher(NO_FIELDS.matcher(where).replaceAll(" "));
        while (matcher.find()) {
            String name = matcher.group(1);
            boolean isWord = WORDS.contains(name.toLowerCase(Locale.ROOT))
                    || (matcher.group(2) != null && BuiltinType.ofName(name).isPresent());
            if (!isWord) {
                fields.add(name);
            }
        }
        return fields;
    }

    /** The first name of a field: {@code ActiveState} of {@code AlarmConditionType::ActiveState/Id}. */
    static String first(String field) {
        String name = field.substring(field.indexOf("::") < 0 ? 0 : field.indexOf("::") + 2);
        return name.split("[/@]", 2)[0].strip();
    }

    /** What to warn of: a sentence for each name that no event type of the server has. */
    static List<String> warnings(Call call, Collection<String> names) {
        Set<String> unsure = new LinkedHashSet<>();
        for (String name : names) {
            if (!name.isEmpty() && !name.startsWith("\"") && !STANDARD.contains(name)) {
                unsure.add(name);
            }
        }
        if (unsure.isEmpty()) {
            return List.of();
        }
        Set<String> known = new LinkedHashSet<>(STANDARD.stream().sorted().toList());
        try {
            known.addAll(declared(call));
        } catch (ClientException e) {
            return List.of(); // whoever may not browse may well have events
        }
        List<String> warnings = new ArrayList<>();
        for (String name : unsure) {
            if (!known.contains(name)) {
                warnings.add("no event type of the server has a field " + name
                        + NearestName.hint(name, known, "it may stay empty"));
            }
        }
        return warnings;
    }

    /** The browse names of everything below the server's event types. */
    private static Set<String> declared(Call call) {
        List<JsonValue.Obj> stack = new ArrayList<>(Shown.objects(call.query(
                "browseRecursive", BASE_EVENT_TYPE, 0, MAX_DEPTH, HIERARCHICAL_REFERENCES, true, List.of())));
        Set<String> names = new LinkedHashSet<>();
        while (!stack.isEmpty()) {
            JsonValue.Obj node = stack.remove(stack.size() - 1);
            names.add(
                    Shown.qualifiedName(DataTypes.object(node.get("reference")).get("browseName")));
            stack.addAll(Shown.objects(node.get("children")));
        }
        return names;
    }
}
