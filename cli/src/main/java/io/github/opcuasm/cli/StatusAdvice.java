package io.github.opcuasm.cli;

import io.github.opcuasm.protocol.type.StatusCode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The next step after a bad status that newcomers meet, by the status's name (Part 4, 7.39). */
final class StatusAdvice {
    private static final Map<String, String> ADVICE = Map.ofEntries(
            Map.entry(
                    "Bad_NotReadable",
                    "its value cannot be read by anybody: --attribute AccessLevel tells what is allowed"),
            Map.entry(
                    "Bad_NotWritable",
                    "it cannot be written: `read` with --attribute AccessLevel tells what is allowed"),
            Map.entry("Bad_UserAccessDenied", "this user may not: choose another one with --user"),
            Map.entry("Bad_TypeMismatch", "the server wants another type: without --type it is asked which"),
            Map.entry(
                    "Bad_AttributeIdInvalid",
                    "a node of its class has no such attribute; `browse` shows what is below it"),
            Map.entry(
                    "Bad_MethodInvalid",
                    "the object has no such method: `methods TARGET OBJECT` shows those that it has"),
            Map.entry("Bad_ArgumentsMissing", "`methods TARGET OBJECT` shows the arguments"),
            Map.entry("Bad_NotExecutable", "the method cannot be called now"),
            Map.entry("Bad_NodeIdExists", "there is such a node already: give another --id, or none"),
            Map.entry("Bad_NodeIdRejected", "the server does not take this id: without --id it chooses one itself"),
            Map.entry(
                    "Bad_BrowseNameDuplicated",
                    "there is a node of this name already: `browse` shows what is below the parent"),
            Map.entry("Bad_ParentNodeIdInvalid", "there is no such parent: `browse` shows what there is"),
            Map.entry(
                    "Bad_ReferenceTypeIdInvalid",
                    "the server has no such reference type: give another one with --reference"),
            Map.entry(
                    "Bad_ReferenceNotAllowed",
                    "such a reference may not be between these nodes: give another one with --reference, or a parent that"
                            + " such a node may be below, such as i=58 for types of objects"),
            Map.entry(
                    "Bad_BrowseNameInvalid",
                    "the name is empty, too long, or of a namespace that the server does not have: `info` shows those"
                            + " that it has; NAME takes one in front, 2:Speed"),
            Map.entry("Bad_SourceNodeIdInvalid", "there is no node SOURCE: `browse` shows what there is"),
            Map.entry("Bad_TargetNodeIdInvalid", "there is no node DESTINATION: `browse` shows what there is"),
            Map.entry("Bad_InvalidSelfReference", "such a reference may not lead from a node to itself"),
            Map.entry("Bad_DuplicateReferenceNotAllowed", "there is such a reference already"),
            Map.entry(
                    "Bad_TypeDefinitionInvalid",
                    "the server has no such type, or it is of another class: give another one with --type-definition"),
            Map.entry("Bad_NodeClassInvalid", "the server adds no nodes of this class here"),
            Map.entry("Bad_EntryExists", "there is a value of this time already: `history update` changes it"),
            Map.entry(
                    "Bad_NoEntryExists",
                    "there is no value of this time: `history update` or `history insert` adds it"),
            Map.entry(
                    "Bad_HistoryOperationUnsupported",
                    "it has no such history: `read` with --attribute AccessLevel tells what is allowed"));

    private StatusAdvice() {}

    static @Nullable String of(StatusCode status) {
        return ADVICE.get(status.name());
    }

    /** Says it on standard error, to people. */
    static void give(Call call, String node, StatusCode status) {
        give(call, node, of(status));
    }

    static void give(Call call, String node, @Nullable String advice) {
        if (advice != null && !call.json()) {
            call.console().out().flush();
            call.console().complain(node + ": " + advice);
        }
    }
}
