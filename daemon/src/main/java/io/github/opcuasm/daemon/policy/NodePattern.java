package io.github.opcuasm.daemon.policy;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes are meant: {@code *} for all, {@code ns=2;*} or {@code nsu=urn:x;*} for those of a namespace, one node in its
 * standard text form, or string identifiers with {@code *} for any characters: {@code nsu=urn:x;s=Line1/*}. Without a
 * namespace it is namespace 0, as in node ids. Browse paths play no part: a node is what its id says.
 */
public final class NodePattern {
    /** Every node. */
    public static final NodePattern ALL = new NodePattern("*", null, null, null, null);

    private static final Pattern SHAPE = Pattern.compile("(?s)(?:(ns=[0-9]{1,5}|nsu=[^;]+);)?(.*)");
    private static final String FORMS =
            "a node id (ns=2;s=Speed, nsu=urn:x;i=7), one with * in its string identifier, ns=2;*, nsu=urn:x;* or *";

    private final String text;
    private final @Nullable Integer namespaceIndex;
    private final @Nullable String namespaceUri;
    private final @Nullable Identifier identifier;
    private final @Nullable String glob;

    private NodePattern(
            String text,
            @Nullable Integer namespaceIndex,
            @Nullable String namespaceUri,
            @Nullable Identifier identifier,
            @Nullable String glob) {
        this.text = text;
        this.namespaceIndex = namespaceIndex;
        this.namespaceUri = namespaceUri;
        this.identifier = identifier;
        this.glob = glob;
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is of none of the forms
     */
    public static NodePattern parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (text.equals("*")) {
            return ALL;
        }
        if (!matcher.matches()) {
            throw Wrong.value("nodes", text, FORMS);
        }
        String namespace = matcher.group(1);
        String rest = matcher.group(2);
        boolean wild = rest.equals("*") || (rest.startsWith("s=") && rest.indexOf('*') >= 0);
        if (rest.equals("*") && namespace == null) {
            throw Wrong.value("nodes", text, FORMS);
        }
        try {
            // What stands for many is read with an identifier that any namespace may have.
            NodeReference node = NodeReference.parse(wild ? (namespace == null ? "" : namespace + ";") + "s=x" : text);
            return new NodePattern(
                    text,
                    node instanceof NodeId indexed ? indexed.namespaceIndex() : null,
                    node instanceof NamespacedNodeId named ? named.namespaceUri() : null,
                    wild ? null : node.identifier(),
                    rest.startsWith("s=") && wild ? rest.substring(2) : null);
        } catch (CommandException e) {
            throw Wrong.value("nodes", text, FORMS);
        }
    }

    /** Whether every node is meant. */
    public boolean isAll() {
        return namespaceIndex == null && namespaceUri == null;
    }

    /**
     * Whether a node is meant.
     *
     * @param index of its namespace on the server; null if the server has no such namespace
     * @param uri of its namespace; null if the server has none of this index
     */
    public boolean matches(@Nullable Integer index, @Nullable String uri, Identifier node) {
        if (isAll()) {
            return true;
        }
        boolean namespace = namespaceUri == null
                ? namespaceIndex != null && namespaceIndex.equals(index)
                : namespaceUri.equals(uri);
        if (!namespace) {
            return false;
        }
        if (identifier != null) {
            return identifier.equals(node);
        }
        return glob == null || (node instanceof Identifier.Text name && Glob.matches(glob, name.value()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NodePattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it was read. */
    @Override
    public String toString() {
        return text;
    }
}
