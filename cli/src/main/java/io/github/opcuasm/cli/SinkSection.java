package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.SinkConfig;
import io.github.opcuasm.daemon.sink.NotificationSink;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The key {@code sink} of a subscription or of a connection under {@code auto-connect}. */
final class SinkSection {
    private static final List<String> KEYS = List.of("file", "pipe", "max-bytes", "keep");
    private static final String EXPECTED = "a mapping of file, max-bytes and keep, or of pipe";

    private SinkSection() {}

    /**
     * Reads one, and looks whether it can be written to, without making anything.
     *
     * @return null where no sink is meant
     * @throws ConfigurationException naming file, line and key
     */
    static @Nullable SinkConfig read(ConfigNode node) {
        if (node.written().equals("none")) {
            return null;
        }
        Map<String, ConfigNode> members = node.members(KEYS, EXPECTED, "expected one of " + String.join(", ", KEYS));
        ConfigNode file = members.get("file");
        ConfigNode pipe = members.get("pipe");
        if (file == null && pipe == null) {
            throw node.refuse("a sink without file and pipe, expected " + EXPECTED);
        }
        if (file != null) {
            refuse(pipe, "a pipe beside a file, expected either of them");
            return file(members, file);
        }
        refuse(members.get("max-bytes"), "of a pipe, which is not rotated; leave it out");
        refuse(members.get("keep"), "of a pipe, which is not rotated; leave it out");
        return checked(pipe == null ? node : pipe, new SinkConfig.Pipe(path(pipe == null ? node : pipe)));
    }

    private static SinkConfig file(Map<String, ConfigNode> members, ConfigNode file) {
        ConfigNode maxBytes = members.get("max-bytes");
        ConfigNode keep = members.get("keep");
        return checked(
                file,
                new SinkConfig.File(
                        path(file),
                        maxBytes == null
                                ? SinkConfig.File.DEFAULT_MAX_BYTES
                                : Numbers.whole(maxBytes, SinkConfig.File.LEAST_BYTES, SinkConfig.File.MOST_BYTES),
                        keep == null
                                ? SinkConfig.File.DEFAULT_KEEP
                                : (int) Numbers.whole(keep, 1, SinkConfig.File.MOST_KEPT)));
    }

    /** Relative ones are relative to the working directory, as those of the options are. */
    private static Path path(ConfigNode node) {
        return node.parse(text -> {
            try {
                return Path.of(text).toAbsolutePath().normalize();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("got " + text + ", expected a path", e);
            }
        });
    }

    private static SinkConfig checked(ConfigNode node, SinkConfig sink) {
        Path unused = node.parse(text -> {
            NotificationSink.check(sink);
            return sink.path();
        });
        return sink;
    }

    private static void refuse(@Nullable ConfigNode node, String reason) {
        if (node != null) {
            throw node.refuse(reason);
        }
    }
}
