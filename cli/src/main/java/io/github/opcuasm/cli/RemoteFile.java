package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.json.JsonValue;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file or a directory of a server (Part 20, 4.2 and 4.3), as it was when it was asked for.
 *
 * @param nodeId as requests take it
 * @param properties the values of those of its properties that it has, by their browse names
 */
record RemoteFile(Object nodeId, String name, Kind kind, Map<String, JsonValue> properties) {
    static final String SIZE = "Size";
    static final String WRITABLE = "Writable";
    static final String USER_WRITABLE = "UserWritable";
    static final String OPEN_COUNT = "OpenCount";
    static final String MIME_TYPE = "MimeType";
    static final String LAST_MODIFIED = "LastModifiedTime";
    static final String MAX_BYTE_STRING_LENGTH = "MaxByteStringLength";

    /** What a node is. */
    enum Kind {
        FILE("file"),
        DIRECTORY("directory"),
        /** Neither. */
        OTHER("neither a file nor a directory");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }

        String shown() {
            return shown;
        }

        /** In a sentence. */
        String described() {
            return this == OTHER ? shown : "a " + shown;
        }
    }

    /** The node id in text form. */
    String id() {
        return nodeId instanceof JsonValue json ? Shown.nodeId(json) : nodeId.toString();
    }

    boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }

    /** In bytes; -1 if the server does not say. */
    long size() {
        return whole(SIZE, -1);
    }

    /** How often it is open; 0 if the server does not say. */
    long openCount() {
        return whole(OPEN_COUNT, 0);
    }

    /** The longest ByteString that it takes and gives; 0 if the server does not say. */
    long maxByteStringLength() {
        return whole(MAX_BYTE_STRING_LENGTH, 0);
    }

    private long whole(String property, long otherwise) {
        BigInteger whole = DataTypes.whole(properties.get(property));
        return whole == null || whole.bitLength() > 62 || whole.signum() < 0 ? otherwise : whole.longValue();
    }

    /** Whether this user may write it; null if the server does not say. */
    @Nullable
    Boolean isWritable() {
        JsonValue writable = properties.get(WRITABLE);
        JsonValue byUser = properties.get(USER_WRITABLE);
        if (writable instanceof JsonValue.Bool one && byUser instanceof JsonValue.Bool other) {
            return one.value() && other.value();
        }
        return byUser instanceof JsonValue.Bool flag
                ? (Boolean) flag.value()
                : writable instanceof JsonValue.Bool flag ? (Boolean) flag.value() : null;
    }

    /** What {@code --json} has of it. */
    Map<String, @Nullable Object> members() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("name", name);
        members.put("nodeId", id());
        members.put("type", kind == Kind.OTHER ? "other" : kind.shown());
        if (kind == Kind.FILE) {
            members.put("size", size() < 0 ? null : (Long) size());
            members.put("writable", isWritable());
        }
        return members;
    }
}
