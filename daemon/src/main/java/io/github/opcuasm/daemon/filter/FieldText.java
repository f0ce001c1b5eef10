package io.github.opcuasm.daemon.filter;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.jspecify.annotations.Nullable;

/**
 * The text of a field, or of a NodeId, from some place of a text on:
 *
 * <pre>
 * field = [ type "::" ] [ step { "/" step } ] [ "@" attribute ]
 * type  = step | node id
 * step  = [ digits ":" ] ( name | '"' … '"' )
 * </pre>
 *
 * A name ends where the grammar around it says: as a whole parameter it may have any characters but those of the grammar
 * itself, in a where clause it is a word. Nothing stands between the parts, not even blanks.
 */
final class FieldText {
    private static final Pattern NODE_ID = Pattern.compile("(?:ns=[0-9]*;|nsu=[^;]*;)?[isgb]=");
    private static final Pattern INDEX = Pattern.compile("([0-9]{1,10}):(?!:)");
    private static final String WORD_SIGNS = "_.-$#";
    private static final int MAX_INDEX = 65_535;
    private static final int SHOWN = 60;

    private final String text;
    private final boolean word;
    private int at;

    private FieldText(String text, int at, boolean word) {
        this.text = text;
        this.at = at;
        this.word = word;
    }

    /**
     * What was read.
     *
     * @param field null if it is a NodeId alone
     * @param nodeId null if it is a field
     * @param isPlain whether it is one name without anything around it, so that it may be a word of the grammar
     */
    record Read(@Nullable EventField field, @Nullable NodeReference nodeId, boolean isPlain, int end) {}

    /** What does not fit, and where. */
    static final class Misfit extends Exception {
        private static final long serialVersionUID = 1L;

        private final int at;
        private final String expected;

        Misfit(int at, String expected) {
            super(expected, null, false, false);
            this.at = at;
            this.expected = expected;
        }

        int at() {
            return at;
        }

        String expected() {
            return expected;
        }
    }

    /** A text that is one field. */
    static EventField parse(String text, String name) {
        try {
            Read read = new FieldText(text, 0, false).read();
            EventField field = read.field();
            if (field == null) {
                throw new Misfit(read.end(), "\"::\" and a field behind the type");
            }
            if (read.end() < text.length()) {
                throw new Misfit(read.end(), "\"/\" and a name, \"@\" and an attribute, or the end");
            }
            return field;
        } catch (Misfit e) {
            throw CommandException.invalidArgument(name, shown(text, e.at()), e.expected());
        }
    }

    /** Whether a field or a NodeId begins here, in a where clause. */
    static boolean begins(String text, int at) {
        char c = text.charAt(at);
        return isWordStart(c)
                || c == '"'
                || c == '@'
                || INDEX.matcher(text).region(at, text.length()).lookingAt();
    }

    /** The field or NodeId that begins here, in a where clause. */
    static Read read(String text, int at) throws Misfit {
        return new FieldText(text, at, true).read();
    }

    static String print(EventField field) {
        StringBuilder text = new StringBuilder();
        EventType type = field.type();
        if (type != null) {
            text.append(type.text()).append("::");
        }
        text.append(String.join("/", field.path().stream().map(FieldText::step).toList()));
        if (!field.isValue()) {
            text.append('@')
                    .append(AttributeId.from(field.attributeId()).orElseThrow().name());
        }
        return text.toString();
    }

    static String step(QualifiedName name) {
        return (name.namespaceIndex() == 0 ? "" : name.namespaceIndex() + ":")
                + (isWord(name.name()) ? name.name() : '"' + name.name().replace("\"", "\"\"") + '"');
    }

    /** As it is read in where clauses, also with blanks and parentheses in it. */
    static String nodeId(NodeReference nodeId) {
        String text = nodeId.toString();
        boolean isBare = text.chars().noneMatch(c -> endsNodeId((char) c)) && !text.contains("::");
        return isBare ? text : "NodeId(" + quoted(text) + ")";
    }

    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Some characters from a place on, and which place it is; the first is 1. */
    static String shown(String text, int at) {
        if (at >= text.length()) {
            return "the end at character " + (text.length() + 1);
        }
        int end = Math.min(text.length(), at + SHOWN);
        String rest = text.substring(at, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
        return '"' + rest.replaceAll("\\p{Cntrl}", "\uFFFD") + (end < text.length() ? "…" : "") + "\" at character "
                + (at + 1);
    }

    private Read read() throws Misfit {
        int start = at;
        if (NODE_ID.matcher(text).region(at, text.length()).lookingAt()) {
            NodeReference nodeId = readNodeId();
            return text.startsWith("::", at)
                    ? field(new EventType.Known(nodeId), List.of())
                    : new Read(null, nodeId, false, at);
        }
        if (text.startsWith("@", at)) {
            return field(null, List.of());
        }
        QualifiedName first = readStep();
        if (text.startsWith("::", at)) {
            return field(EventType.of(first), List.of());
        }
        Read read = field(null, List.of(first));
        return new Read(read.field(), null, text.substring(start, at).equals(first.name()), at);
    }

    /** The rest of a field, behind its type or first step. */
    private Read field(@Nullable EventType type, List<QualifiedName> first) throws Misfit {
        List<QualifiedName> path = new ArrayList<>(first);
        if (type != null) {
            at += 2;
            if (!text.startsWith("@", at)) {
                path.add(readStep());
            }
        }
        while (!path.isEmpty() && text.startsWith("/", at)) {
            if (path.size() == EventField.MAX_DEPTH) {
                throw new Misfit(at, "at most " + EventField.MAX_DEPTH + " names");
            }
            at++;
            path.add(readStep());
        }
        int attributeId = text.startsWith("@", at) ? readAttribute() : EventField.VALUE;
        return new Read(new EventField(type, path, attributeId), null, false, at);
    }

    private NodeReference readNodeId() throws Misfit {
        int from = at;
        while (at < text.length() && !(word && endsNodeId(text.charAt(at))) && !text.startsWith("::", at)) {
            at++;
        }
        try {
            return NodeReference.parse(text.substring(from, at));
        } catch (CommandException e) {
            throw new Misfit(from, "a NodeId such as i=2915, ns=2;s=MyAlarm or nsu=http://example.org/;i=5");
        }
    }

    private static boolean endsNodeId(char c) {
        return Character.isWhitespace(c) || c == ',' || c == '(' || c == ')' || c == '\'';
    }

    private QualifiedName readStep() throws Misfit {
        int index = 0;
        Matcher indexed = INDEX.matcher(text).region(at, text.length());
        if (indexed.lookingAt()) {
            long given = Long.parseLong(indexed.group(1));
            if (given > MAX_INDEX) {
                throw new Misfit(at, "a namespace index of at most " + MAX_INDEX);
            }
            index = (int) given;
            at = indexed.end();
        }
        return new QualifiedName(index, text.startsWith("\"", at) ? readQuoted() : readName());
    }

    private String readName() throws Misfit {
        int from = at;
        while (at < text.length() && isInName(text.charAt(at)) && !text.startsWith("::", at)) {
            at++;
        }
        if (at == from) {
            throw new Misfit(from, "a browse name such as Severity, 2:Batch or ActiveState/Id");
        }
        return text.substring(from, at);
    }

    private boolean isInName(char c) {
        return word ? isInWord(c) : c != '/' && c != '@';
    }

    private String readQuoted() throws Misfit {
        int from = at++;
        StringBuilder name = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != '"') {
                name.append(c);
            } else if (text.startsWith("\"", at)) {
                name.append(c);
                at++;
            } else if (name.isEmpty()) {
                break;
            } else {
                return name.toString();
            }
        }
        throw new Misfit(from, "a name between double quotes");
    }

    private int readAttribute() throws Misfit {
        int from = ++at;
        while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        String given = text.substring(from, at);
        for (AttributeId attribute : AttributeId.values()) {
            if (attribute.name().equalsIgnoreCase(given)) {
                return attribute.id();
            }
        }
        throw new Misfit(
                from,
                "the name of an attribute, such as NodeId"
                        + NearestName.to(
                                        given,
                                        Arrays.stream(AttributeId.values())
                                                .map(Enum::name)
                                                .toList())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(""));
    }

    private static boolean isWord(String name) {
        if (name.isEmpty() || !isWordStart(name.charAt(0)) || WhereTokens.isKeyword(name)) {
            return false;
        }
        return name.chars().allMatch(c -> isInWord((char) c));
    }

    private static boolean isWordStart(char c) {
        return Character.isLetter(c) || c == '_';
    }

    private static boolean isInWord(char c) {
        return Character.isLetterOrDigit(c) || WORD_SIGNS.indexOf(c) >= 0;
    }
}
