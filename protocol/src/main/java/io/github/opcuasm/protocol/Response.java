package io.github.opcuasm.protocol;

import io.github.opcuasm.protocol.json.JsonBody;

/** The answer to one request (protocol, section 2). */
public sealed interface Response {
    /** {@code {"success":true,"data":…}}. */
    record Success(JsonBody data, long weight) implements Response {
        /**
         * @param weight roughly how many bytes of heap the data keeps until it is written; at least 0. Large answers
         *     count toward the daemon's bound on undelivered answers
         */
        public Success {
            if (weight < 0) {
                throw new IllegalArgumentException("weight: got " + weight + ", expected at least 0");
            }
        }

        /** A small answer. */
        public Success(JsonBody data) {
            this(data, 0);
        }
    }

    /** {@code {"success":false,"error":{"type":…,"message":…}}}. */
    record Failure(CommandException error) implements Response {}

    static Response success(JsonBody data) {
        return new Success(data);
    }

    static Response failure(ErrorType type, String message) {
        return new Failure(new CommandException(type, message));
    }
}
