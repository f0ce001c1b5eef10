package io.github.opcuasm.daemon.service;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.ArrayList;
import java.util.List;

/**
 * The text form of a way along hierarchical references, {@code /Objects/2:Line 1/2:Speed}: browse names with a namespace
 * index where it is not 0, after Part 4, Annex A.2. {@code &} takes away the meaning of the reserved character that
 * follows ({@code / . < > : # ! &}); before any other character it is itself, so {@code R&D} needs no escape. Of the
 * grammar's other signs, {@code .} and {@code <} are part of a name here: names with a dot are common, and every step
 * follows hierarchical references. A leading and a trailing slash mean nothing.
 */
final class BrowsePathText {
    static final NodeId HIERARCHICAL_REFERENCES = NodeId.numeric(0, 33);

    private static final String RESERVED = "/.<>:#!&";
    private static final int MAX_INDEX = 65_535;
    private static final int SHOWN = 200;

    private final String text;
    private final List<QualifiedName> names = new ArrayList<>();

    private BrowsePathText(String text) {
        this.text = text;
    }

    /**
     * Reads one.
     *
     * @throws CommandException {@code InvalidNodeIdException} for an empty path or step, or an index above 65535
     */
    static BrowsePathText parse(String text) {
        BrowsePathText path = new BrowsePathText(text);
        path.split();
        return path;
    }

    BrowsePath from(NodeReference startingNodeId) {
        return new BrowsePath(
                startingNodeId,
                names.stream()
                        .map(name -> new BrowsePath.Element(HIERARCHICAL_REFERENCES, false, true, name))
                        .toList());
    }

    /** The path, cut, for messages. */
    String shown() {
        return '"' + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text) + '"';
    }

    /** One of its names, for messages. */
    String shown(int index) {
        QualifiedName name = names.get(index);
        String shown = (name.namespaceIndex() == 0 ? "" : name.namespaceIndex() + ":") + name.name();
        return '"' + (shown.length() > SHOWN ? shown.substring(0, SHOWN) + "…" : shown) + '"';
    }

    private void split() {
        int start = text.startsWith("/") ? 1 : 0;
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isEscape(at)) {
                at += 2;
            } else if (c == '/') {
                add(start, at);
                start = ++at;
            } else {
                at++;
            }
        }
        if (start < text.length() || names.isEmpty()) {
            add(start, text.length());
        }
    }

    private void add(int from, int to) {
        if (from == to) {
            throw malformed("an empty step at character " + from);
        }
        int index = 0;
        int nameFrom = from;
        int digits = from;
        while (digits < to && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits > from && digits < to && text.charAt(digits) == ':') {
            index = index(from, digits);
            nameFrom = digits + 1;
        }
        if (nameFrom == to) {
            throw malformed("a step without a name at character " + from);
        }
        StringBuilder name = new StringBuilder(to - nameFrom);
        for (int at = nameFrom; at < to; at++) {
            if (isEscape(at)) {
                at++;
            }
            name.append(text.charAt(at));
        }
        names.add(new QualifiedName(index, name.toString()));
    }

    private int index(int from, int to) {
        int index = 0;
        for (int at = from; at < to; at++) {
            index = 10 * index + (text.charAt(at) - '0');
            if (index > MAX_INDEX) {
                throw malformed("a namespace index above " + MAX_INDEX + " at character " + from);
            }
        }
        return index;
    }

    private boolean isEscape(int at) {
        return text.charAt(at) == '&' && at + 1 < text.length() && RESERVED.indexOf(text.charAt(at + 1)) >= 0;
    }

    private CommandException malformed(String what) {
        return new CommandException(
                ErrorType.INVALID_NODE_ID,
                "path: got " + shown() + " with " + what + ", expected steps like /Objects/2:Folder/2:Var");
    }
}
