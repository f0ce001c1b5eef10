package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value in the config file together with its place, so that whatever is wrong with it is named as {@code
 * FILE:LINE: KEY}. Scalars are read as text, whatever YAML would make of them, and their {@link References} resolved.
 */
final class ConfigNode {
    /** The file, and what its references stand for. */
    record Source(Path file, References references) {}

    private final Source source;
    private final Node node;
    private final String key;

    /** @param key as its author wrote it; empty for the whole file */
    ConfigNode(Source source, Node node, String key) {
        this.source = source;
        this.node = node;
        this.key = key;
    }

    int line() {
        return node.getStartMark().getLine() + 1;
    }

    /** File, line and key. */
    String place() {
        return source.file() + ":" + line() + (key.isEmpty() ? "" : ": " + key);
    }

    /** The exception that refuses this value. */
    ConfigurationException refuse(String reason) {
        return new ConfigurationException(place() + ": " + reason);
    }

    /** A value that is not shown where it came from a variable or a file. */
    ConfigurationException refuse(String got, String expected) {
        return refuse("got " + (got.equals(written()) ? got : "a value that does not fit") + ", expected " + expected);
    }

    /** Whether YAML means nothing by it: {@code null}, {@code ~}, or nothing behind the colon. */
    boolean isNull() {
        return node.getTag().equals(Tag.NULL);
    }

    /** Whether its text came from a variable or a file: it must not be shown then. */
    boolean isConcealed() {
        String written = written();
        return !source.references().resolve(place(), written).equals(written);
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    /** The text as it stands in the file. */
    String written() {
        return node instanceof ScalarNode scalar ? ReferenceMarks.remove(scalar.getValue()) : "";
    }

    /** One text, never empty. */
    String text() {
        return text("one value");
    }

    /** One text, which may be empty. */
    String textOrEmpty() {
        return node instanceof ScalarNode && written().isEmpty() ? "" : text();
    }

    private String text(String expected) {
        String written = written();
        String text = source.references().resolve(place(), written);
        if (text.isEmpty()) {
            throw refuse("expected " + expected);
        }
        return text;
    }

    boolean flag() {
        String text = text();
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw refuse(text, "true or false");
        };
    }

    /**
     * One text as what it means.
     *
     * @param parser throws an IllegalArgumentException that says {@code got …, expected …}
     */
    <T> T parse(Function<String, T> parser) {
        String text = text();
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int expected = message.lastIndexOf(", expected ");
            throw refuse(text, expected < 0 ? message : message.substring(expected + ", expected ".length()));
        }
    }

    /** The elements of a list; of a single value, that one. */
    List<ConfigNode> elements() {
        if (!(node instanceof SequenceNode sequence)) {
            return List.of(this);
        }
        List<ConfigNode> elements = new ArrayList<>();
        sequence.getValue().forEach(element -> elements.add(new ConfigNode(source, element, key)));
        return elements;
    }

    /** A text or a list of them, which is not empty. */
    List<String> texts() {
        List<ConfigNode> elements = elements();
        if (elements.isEmpty()) {
            throw refuse("expected a value or a list of them");
        }
        return elements.stream()
                .map(element -> element.text(isList() ? "a list of texts" : "a value or a list of them"))
                .toList();
    }

    /**
     * The members of a mapping by their names in kebab-case: {@code maxSessions}, {@code max_sessions} and {@code
     * max-sessions} are one.
     *
     * @param valid in kebab-case
     * @param expected what to say where there is no mapping
     * @param otherwise what to say of an unknown key that is near to none
     */
    Map<String, ConfigNode> members(Collection<String> valid, String expected, String otherwise) {
        if (!(node instanceof MappingNode mapping)) {
            throw refuse("expected " + expected);
        }
        Map<String, ConfigNode> members = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            var place = new ConfigNode(source, entry.getKeyNode(), "");
            if (!(entry.getKeyNode() instanceof ScalarNode)) {
                throw place.refuse("expected a key");
            }
            String written = place.written();
            String name = kebab(written);
            if (!valid.contains(name)) {
                throw place.refuse(
                        (key.isEmpty() ? "" : key + ": ") + "unknown key " + written + hint(name, valid, otherwise));
            }
            String path = key.isEmpty() ? written : key + "." + written;
            if (members.put(name, new ConfigNode(source, entry.getValueNode(), path)) != null) {
                throw place.refuse(path + ": given twice");
            }
        }
        return members;
    }

    /**
     * A member of a mapping whose keys the author chose.
     *
     * @param value knows its path, unless the key might show user info
     */
    record Entry(ConfigNode written, String key, ConfigNode value) {
        /** File, line and key. */
        String place() {
            return written.place();
        }

        /** The exception that refuses the key. */
        ConfigurationException refuse(String reason) {
            return written.refuse(reason);
        }
    }

    /**
     * The members of a mapping whose keys the author chooses.
     *
     * @param expected what to say where there is no mapping
     */
    List<Entry> entries(String expected) {
        if (!(node instanceof MappingNode mapping)) {
            throw refuse("expected " + expected);
        }
        List<Entry> entries = new ArrayList<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode)) {
                throw new ConfigNode(source, entry.getKeyNode(), key).refuse("expected " + expected);
            }
            String written = new ConfigNode(source, entry.getKeyNode(), key).written();
            String path = key + "." + (written.indexOf('@') < 0 ? written : "[url]");
            entries.add(new Entry(
                    new ConfigNode(source, entry.getKeyNode(), path),
                    written,
                    new ConfigNode(source, entry.getValueNode(), path)));
        }
        return entries;
    }

    private static String hint(String name, Collection<String> valid, String otherwise) {
        return NearestName.hint(name, valid, otherwise);
    }

    /** {@code maxSessions} and {@code max_sessions} as {@code max-sessions}. */
    static String kebab(String key) {
        return key.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
    }
}
