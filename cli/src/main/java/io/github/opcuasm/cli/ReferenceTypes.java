package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reference types by the names that the specification gives them (Part 3, 7), or by their nodes. */
final class ReferenceTypes {
    static final String OPTION = "--reference";
    static final String ORGANIZES = "i=35";
    static final String HAS_TYPE_DEFINITION = "i=40";
    static final String HAS_SUBTYPE = "i=45";
    static final String HAS_PROPERTY = "i=46";
    static final String HAS_COMPONENT = "i=47";

    private static final Map<String, String> STANDARD = standard();

    private ReferenceTypes() {}

    /** A node id, or a path, that stands for a reference type. */
    static boolean isNode(String text) {
        return text.startsWith("/") || text.matches("((ns=[0-9]{1,5}|nsu=[^;]+);)?[isgb]=.*");
    }

    /**
     * The node of a type that was named, as {@link Call#node} takes it.
     *
     * @throws UsageException naming the nearest one
     */
    static String of(String text) {
        if (isNode(text)) {
            return text;
        }
        for (Map.Entry<String, String> type : STANDARD.entrySet()) {
            if (type.getKey().equalsIgnoreCase(text)) {
                return type.getValue();
            }
        }
        throw new UsageException(OPTION + ": got " + text
                + NearestName.hint(
                        text,
                        STANDARD.keySet(),
                        "expected one of " + String.join(", ", STANDARD.keySet()) + ", or a node id"));
    }

    private static Map<String, String> standard() {
        Map<String, String> types = new LinkedHashMap<>();
        types.put("Organizes", ORGANIZES);
        types.put("HasComponent", HAS_COMPONENT);
        types.put("HasProperty", HAS_PROPERTY);
        types.put("HasOrderedComponent", "i=49");
        types.put("HasSubtype", HAS_SUBTYPE);
        types.put("HasTypeDefinition", HAS_TYPE_DEFINITION);
        types.put("HasModellingRule", "i=37");
        types.put("HasEncoding", "i=38");
        types.put("HasDescription", "i=39");
        types.put("HasEventSource", "i=36");
        types.put("HasNotifier", "i=48");
        types.put("GeneratesEvent", "i=41");
        types.put("HasInterface", "i=17603");
        types.put("HasAddIn", "i=17604");
        types.put("HasDictionaryEntry", "i=17597");
        types.put("HasHistoricalConfiguration", "i=56");
        return types;
    }

    static List<String> names() {
        return List.copyOf(STANDARD.keySet());
    }
}
