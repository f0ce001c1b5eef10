package io.github.opcuasm.protocol;

import io.github.opcuasm.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One request frame: a JSON object, looked into only as far as framing needs. A request without an {@code id} is a
 * protocol-1 request (protocol, section 1).
 *
 * @param id null for protocol 1
 * @param members every member as it came, {@code id} too
 */
public record Request(@Nullable RequestId id, JsonValue.Obj members) {

    /** 1 or 2. */
    public int protocol() {
        return id == null ? 1 : 2;
    }

    /** The member, or null if it is absent or null. */
    public @Nullable JsonValue get(String name) {
        return members.get(name);
    }
}
