package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;
import io.github.opcuasm.client.DaemonClient;
import io.github.opcuasm.client.RequestFailedException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The existing node that an unknown one most likely stands for, found by browsing where it would be.
 *
 * <p>Of a path the longest part that exists is found, and the nearest name below it. For a node id with a text the search
 * goes down from Objects, always where the ids begin most like the one that was given, and ends with the nearest one when
 * none leads further; most servers build such ids from the path. Ids that are numbers have no neighbours. At most {@value #MAX_NODES} nodes
 * are looked at, and it takes no longer than a {@value #SHARE}th of {@code --timeout}, 500 ms unless that is given: the one who waits has an error to read.
 */
final class NearestNodes {
    private static final int MAX_NODES = 1_000;
    private static final int SHARE = 60;
    private static final int MAX_SLIPS = 2;
    private static final String OBJECTS = "i=85";

    private final DaemonAccess access;
    private final String sessionId;

    NearestNodes(DaemonAccess access, String sessionId) {
        this.access = access;
        this.sessionId = sessionId;
    }

    /** Empty if nothing is near, or if it takes too long. */
    Optional<String> to(String node) {
        Duration limit = access.options().requestTimeout().dividedBy(SHARE);
        long end = System.nanoTime() + limit.toNanos();
        try (DaemonClient client = access.within(limit).connect()) {
            return node.startsWith("/") ? path(client, node, end) : id(client, node, end);
        } catch (ClientException e) {
            return Optional.empty(); // a suggestion is a courtesy
        }
    }

    private Optional<String> path(DaemonClient client, String path, long end) {
        List<String> steps = List.of(path.substring(1).split("(?<!&)/", -1));
        String parent = "";
        for (int i = 0; i < steps.size() && System.nanoTime() < end; i++) {
            String next = parent + "/" + steps.get(i);
            if (!exists(client, next)) {
                Object start = parent.isEmpty() ? "i=84" : client.query(sessionId, "resolveNodeId", parent);
                List<String> names = new ArrayList<>();
                for (JsonValue.Obj child : children(client, start)) {
                    names.add(Shown.qualifiedName(child.get("browseName")));
                }
                String before = parent;
                String after = String.join("/", steps.subList(i + 1, steps.size()));
                return nearestStep(steps.get(i), names)
                        .map(name -> before + "/" + name + (after.isEmpty() ? "" : "/" + after));
            }
            parent = next;
        }
        return Optional.empty();
    }

    /** By the whole step, or by its name alone: the index of a namespace is easily forgotten. */
    private static Optional<String> nearestStep(String step, List<String> names) {
        for (String name : names) {
            if (name.substring(name.indexOf(':') + 1).equalsIgnoreCase(step.substring(step.indexOf(':') + 1))) {
                return Optional.of(name);
            }
        }
        return NearestName.to(step, names);
    }

    private boolean exists(DaemonClient client, String path) {
        try {
            return client.query(sessionId, "resolveNodeId", path) != JsonValue.Null.INSTANCE;
        } catch (RequestFailedException e) {
            return false;
        }
    }

    /** A node to look below, and how much of its id is as in the one that is looked for: perhaps all of it. */
    private record Candidate(Object nodeId, int common, boolean leads) {}

    private Optional<String> id(DaemonClient client, String given, long end) {
        String identifier = identifier(given);
        if (identifier == null) {
            return Optional.empty();
        }
        List<String> seen = new ArrayList<>();
        Set<String> visited = new HashSet<>();
        PriorityQueue<Candidate> queue =
                new PriorityQueue<>(Comparator.comparingInt(Candidate::common).reversed());
        queue.add(new Candidate(OBJECTS, 0, true));
        while (!queue.isEmpty() && seen.size() < MAX_NODES && System.nanoTime() < end) {
            List<String> here = new ArrayList<>();
            for (JsonValue.Obj child : children(client, queue.remove().nodeId())) {
                JsonValue nodeId = child.get("nodeId");
                String text = Shown.nodeId(nodeId);
                if (nodeId != null && visited.add(text)) {
                    String name = identifier(text);
                    int common = name == null ? -1 : common(name, identifier);
                    queue.add(new Candidate(nodeId, common, name != null && common == name.length()));
                    if (name != null) {
                        here.add(text);
                    }
                }
            }
            seen.addAll(here);
            // Further down as long as the way there is what was given.
            boolean leads = !queue.isEmpty() && queue.peek().leads();
            Optional<String> near = leads ? Optional.empty() : nearest(given, seen);
            if (near.isPresent()) {
                return near;
            }
        }
        return nearest(given, seen);
    }

    /**
     * The nearest id by what is behind the steps that both begin with: they say where it is, and not what it is called. Of
     * that at most {@value #MAX_SLIPS} slips, and one in a short name.
     */
    static Optional<String> nearest(String given, List<String> ids) {
        String best = null;
        for (int slips = 1; slips <= MAX_SLIPS && best == null; slips++) {
            for (String id : ids) {
                int begin = common(given, id);
                while (begin > 0 && "/.;=".indexOf(given.charAt(begin - 1)) < 0) {
                    begin--;
                }
                if (NearestName.isWithin(slips, given.substring(begin), id.substring(begin))) {
                    best = id;
                    break;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    private List<JsonValue.Obj> children(DaemonClient client, Object nodeId) {
        return Shown.objects(client.query(sessionId, "browseAll", nodeId, 0, "i=33", true, List.of()));
    }

    /** The text of an id that has one; null for others. */
    private static @Nullable String identifier(String nodeId) {
        int semicolon = nodeId.startsWith("ns") ? nodeId.indexOf(';') : -1;
        String id = nodeId.substring(semicolon + 1);
        return id.startsWith("s=") ? id.substring(2) : null;
    }

    private static int common(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }
}
