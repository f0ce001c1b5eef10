package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.type.StatusCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The next step after a bad status that newcomers meet, by the status's name (Part 4, 7.39). */
final class StatusAdvice {
    private static final Map<String, String> ADVICE = Map.of(
            "Bad_NotReadable", "its value cannot be read by anybody: --attribute AccessLevel tells what is allowed",
            "Bad_NotWritable", "it cannot be written: `read` with --attribute AccessLevel tells what is allowed",
            "Bad_UserAccessDenied", "this user may not: choose another one with --user",
            "Bad_TypeMismatch", "the server wants another type: without --type it is asked which",
            "Bad_AttributeIdInvalid", "a node of its class has no such attribute; `browse` shows what is below it",
            "Bad_MethodInvalid", "the object has no such method: `methods TARGET OBJECT` shows those that it has",
            "Bad_ArgumentsMissing", "`methods TARGET OBJECT` shows the arguments",
            "Bad_NotExecutable", "the method cannot be called now");

    private StatusAdvice() {}

    static @Nullable String of(StatusCode status) {
        return ADVICE.get(status.name());
    }

    /** Says it on standard error, to people. */
    static void give(Call call, String node, StatusCode status) {
        String advice = of(status);
        if (advice != null && !call.json()) {
            call.console().out().flush();
            call.console().complain(node + ": " + advice);
        }
    }
}
