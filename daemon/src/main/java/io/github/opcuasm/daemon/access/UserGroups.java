package io.github.opcuasm.daemon.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which groups the machine's users are in, by {@code /etc/passwd} and {@code /etc/group} as they were when they were read.
 * A socket tells a peer's primary group only. Users from a directory service are in no file: they have the groups that the
 * group file gives them, and the primary one that the socket tells.
 */
final class UserGroups {
    static final UserGroups NONE = new UserGroups(Map.of());

    private static final Logger LOG = LoggerFactory.getLogger(UserGroups.class);
    private static final Path PASSWD = Path.of("/etc/passwd");
    private static final Path GROUP = Path.of("/etc/group");

    private final Map<String, Set<String>> groupsOf;

    private UserGroups(Map<String, Set<String>> groupsOf) {
        this.groupsOf = groupsOf;
    }

    /** Reads the system's files; a system without them has no groups. Does I/O. */
    static UserGroups ofSystem() {
        return read(PASSWD, GROUP);
    }

    static UserGroups read(Path passwd, Path group) {
        Map<String, Set<String>> groupsOf = new HashMap<>();
        Map<String, String> nameOfId = new HashMap<>();
        for (String line : lines(group)) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4) {
                nameOfId.put(fields[2], fields[0]);
                for (String member : fields[3].split(",", -1)) {
                    add(groupsOf, member.strip(), fields[0]);
                }
            }
        }
        for (String line : lines(passwd)) {
            String[] fields = line.split(":", -1);
            String primary = fields.length >= 4 ? nameOfId.get(fields[3]) : null;
            if (primary != null) {
                add(groupsOf, fields[0], primary);
            }
        }
        return new UserGroups(groupsOf);
    }

    /** The names of all groups that the user is known to be in. */
    Set<String> of(String user) {
        return groupsOf.getOrDefault(user, Set.of());
    }

    private static void add(Map<String, Set<String>> groupsOf, String user, String group) {
        if (!user.isEmpty()) {
            groupsOf.computeIfAbsent(user, any -> new HashSet<>(2)).add(group);
        }
    }

    private static List<String> lines(Path file) {
        try {
            // Latin-1 takes every byte: one odd name must not cost the rest.
            return Files.isReadable(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            LOG.warn("Cannot read {}: rules for groups see primary groups only ({})", file, e.toString());
            return List.of();
        }
    }
}
