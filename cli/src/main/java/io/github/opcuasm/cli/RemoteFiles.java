package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files and directories of a server, found by what they have and not by their types, which may be subtypes: a file has
 * the property Size, a directory the method CreateFile (Part 20, 4.2.1 and 4.3.1). Nothing of it comes from a cache.
 */
final class RemoteFiles {
    private static final String DIRECTORY_TYPE = "i=13353";
    private static final String HAS_PROPERTY = "i=46";
    private static final String HAS_COMPONENT = "i=47";
    private static final String HIERARCHICAL_REFERENCES = "i=33";
    private static final String CREATE_FILE = "CreateFile";
    private static final String NO_MATCH = "Bad_NoMatch";
    private static final int OBJECT = 1;
    private static final int INVERSE = 1;
    private static final int BROWSE_NAME = 3;

    /** So that a request with all their paths stays below the smallest limit of a frame. */
    private static final int NODES_AT_ONCE = 30;

    private static final List<String> LISTED = List.of(RemoteFile.SIZE, RemoteFile.WRITABLE, RemoteFile.USER_WRITABLE);

    private static final List<String> ALL = List.of(
            RemoteFile.SIZE,
            RemoteFile.WRITABLE,
            RemoteFile.USER_WRITABLE,
            RemoteFile.OPEN_COUNT,
            RemoteFile.MIME_TYPE,
            RemoteFile.LAST_MODIFIED,
            RemoteFile.MAX_BYTE_STRING_LENGTH);

    private final Call call;

    RemoteFiles(Call call) {
        this.call = call;
    }

    /**
     * A node that was named, with all its properties.
     *
     * @param label of the argument that named it
     * @throws UsageException if there is none
     */
    RemoteFile named(String label, String text) {
        RemoteFile found = existing(label, text);
        if (found == null) {
            throw new UsageException(label + ": there is no " + text + call.suggestion(text) + " (nothing was sent)");
        }
        return found;
    }

    /** The same; null if it is a path that leads nowhere. */
    @Nullable
    RemoteFile existing(String label, String text) {
        if (!ReferenceTypes.isNode(text)) {
            throw new UsageException(label + ": got " + (text.isEmpty() ? "\"\"" : text)
                    + ", expected a node id (ns=2;s=Files/a.txt) or a path (/Objects/FileSystem/a.txt)");
        }
        Object nodeId;
        try {
            nodeId = call.nodeNow(text);
        } catch (RequestFailedException e) {
            boolean nowhere = text.startsWith("/")
                    && e.status()
                            .filter(status -> status.name().equals(NO_MATCH))
                            .isPresent();
            if (nowhere) {
                return null;
            }
            throw e;
        }
        return described(label, List.of(nodeId), ALL).get(0);
    }

    RemoteFile of(Object nodeId) {
        return described("FILE", List.of(nodeId), ALL).get(0);
    }

    /**
     * A file that was named.
     *
     * @throws UsageException if it is none
     */
    RemoteFile file(String label, String text) {
        RemoteFile found = named(label, text);
        if (found.kind() != RemoteFile.Kind.FILE) {
            throw new UsageException(label + ": got " + text + ", which is "
                    + (found.isDirectory()
                            ? "a directory; `file ls` shows the files in it"
                            : found.kind().shown()));
        }
        return found;
    }

    /** The files and directories in a directory, with what a list shows of them. */
    List<RemoteFile> in(Object directory) {
        List<Object> nodeIds = new ArrayList<>();
        for (JsonValue.Obj reference : browse(directory, 0, OBJECT)) {
            JsonValue nodeId = reference.get("nodeId");
            if (nodeId != null) {
                nodeIds.add(nodeId);
            }
        }
        return described("DIR", nodeIds, LISTED).stream()
                .filter(file -> file.kind() != RemoteFile.Kind.OTHER)
                .toList();
    }

    /** What has this name in a directory; null if nothing has. */
    @Nullable
    RemoteFile child(Object directory, String name) {
        for (JsonValue.Obj reference : browse(directory, 0, OBJECT)) {
            JsonValue nodeId = reference.get("nodeId");
            if (nodeId != null && name.equals(nameOf(reference.get("browseName")))) {
                return of(nodeId);
            }
        }
        return null;
    }

    /**
     * The directory that a file or directory is in.
     *
     * @throws UsageException if it is in none
     */
    Object directoryOf(String label, RemoteFile file) {
        List<Object> parents = new ArrayList<>();
        for (JsonValue.Obj reference : browse(file.nodeId(), INVERSE, OBJECT)) {
            JsonValue nodeId = reference.get("nodeId");
            if (nodeId != null) {
                parents.add(nodeId);
            }
        }
        for (RemoteFile parent : described(label, parents, List.of())) {
            if (parent.isDirectory()) {
                return parent.nodeId();
            }
        }
        throw new UsageException(label + ": " + file.name() + " (" + file.id()
                + ") is in no directory, which alone could do this (nothing was sent)");
    }

    /** The directories that are found on the first levels below Objects, in the order of the server. */
    List<RemoteFile> directories(int depth) {
        List<RemoteFile> found = new ArrayList<>();
        List<JsonValue.Obj> level = Shown.objects(
                call.query("browseRecursive", "i=85", 0, depth, HIERARCHICAL_REFERENCES, true, List.of(OBJECT)));
        while (!level.isEmpty()) {
            List<JsonValue.Obj> next = new ArrayList<>();
            for (JsonValue.Obj node : level) {
                JsonValue.Obj reference = DataTypes.object(node.get("reference"));
                JsonValue nodeId = reference.get("nodeId");
                if (nodeId != null
                        && Shown.nodeId(reference.get("typeDefinition")).equals(DIRECTORY_TYPE)) {
                    String name = nameOf(reference.get("browseName"));
                    found.add(new RemoteFile(nodeId, name, RemoteFile.Kind.DIRECTORY, Map.of()));
                } else {
                    next.addAll(Shown.objects(node.get("children")));
                }
            }
            level = next;
        }
        return found;
    }

    private List<JsonValue.Obj> browse(Object nodeId, int direction, int nodeClass) {
        return Shown.objects(
                call.query("browseAll", nodeId, direction, HIERARCHICAL_REFERENCES, true, List.of(nodeClass), false));
    }

    private List<RemoteFile> described(String label, List<Object> nodeIds, List<String> properties) {
        List<RemoteFile> described = new ArrayList<>();
        for (int from = 0; from < nodeIds.size(); from += NODES_AT_ONCE) {
            List<Object> some = nodeIds.subList(from, Math.min(nodeIds.size(), from + NODES_AT_ONCE));
            described.addAll(describedAtOnce(label, some, properties));
        }
        return described;
    }

    private List<RemoteFile> describedAtOnce(String label, List<Object> nodeIds, List<String> properties) {
        List<Map<String, Object>> paths = new ArrayList<>();
        for (Object nodeId : nodeIds) {
            paths.add(path(nodeId, HAS_COMPONENT, CREATE_FILE));
            properties.forEach(property -> paths.add(path(nodeId, HAS_PROPERTY, property)));
        }
        List<JsonValue.Obj> found = Shown.objects(call.query("translateBrowsePaths", paths));
        List<Map<String, Object>> reads = new ArrayList<>();
        nodeIds.forEach(nodeId -> reads.add(Map.of("nodeId", nodeId, "attributeId", BROWSE_NAME)));
        for (JsonValue.Obj result : found) {
            JsonValue target = target(result);
            if (target != null) {
                reads.add(Map.of("nodeId", target));
            }
        }
        List<JsonValue.Obj> values = Shown.objects(call.query("readMulti", reads));
        List<RemoteFile> described = new ArrayList<>();
        int read = nodeIds.size();
        int path = 0;
        for (int i = 0; i < nodeIds.size(); i++) {
            boolean creates = target(found.get(path)) != null;
            read += creates ? 1 : 0; // a method, whose value says nothing
            path++;
            Map<String, JsonValue> has = new LinkedHashMap<>();
            for (String property : properties) {
                if (target(found.get(path++)) != null) {
                    JsonValue value = values.get(read++).get("value");
                    has.put(property, value == null ? JsonValue.Null.INSTANCE : value);
                }
            }
            JsonValue.Obj name = values.get(i);
            if (Shown.status(name).isBad()) {
                throw new UsageException(label + ": there is no node " + text(nodeIds.get(i))
                        + suggestion(nodeIds.get(i)) + wayOut(label));
            }
            RemoteFile.Kind kind = creates
                    ? RemoteFile.Kind.DIRECTORY
                    : has.containsKey(RemoteFile.SIZE) ? RemoteFile.Kind.FILE : RemoteFile.Kind.OTHER;
            described.add(new RemoteFile(nodeIds.get(i), nameOf(name.get("value")), kind, has));
        }
        return described;
    }

    /** A node id does not tell in which directory what is not there would be. */
    private static String wayOut(String label) {
        return label.equals("REMOTE")
                ? "; a new file goes to its directory, or to a path whose last step is new (nothing was sent)"
                : " (nothing was sent)";
    }

    private String suggestion(Object nodeId) {
        return nodeId instanceof String text ? call.suggestion(text) : "";
    }

    private static String text(Object nodeId) {
        return nodeId instanceof JsonValue json ? Shown.nodeId(json) : nodeId.toString();
    }

    private static Map<String, Object> path(Object nodeId, String referenceType, String name) {
        Map<String, Object> element =
                Map.of("referenceTypeId", referenceType, "targetName", Map.of("ns", 0, "name", name));
        return Map.of("startingNodeId", nodeId, "relativePath", List.of(element));
    }

    private static @Nullable JsonValue target(JsonValue.Obj result) {
        List<JsonValue.Obj> targets = Shown.objects(result.get("targets"));
        return targets.isEmpty() ? null : targets.get(0).get("targetId");
    }

    /** A file is called by its browse name, whatever the namespace. */
    private static String nameOf(@Nullable JsonValue browseName) {
        return browseName instanceof JsonValue.Obj name && name.get("name") instanceof JsonValue.Str text
                ? text.value()
                : Shown.plain(browseName);
    }
}
