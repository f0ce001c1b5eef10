package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.AttributeService;
import io.github.opcuasm.daemon.service.ReadItem;
import io.github.opcuasm.daemon.service.WriteItem;
import java.util.List;

/** The methods of the Attribute service set, without history. */
final class AttributeMethods {
    private static final int VALUE = 13;
    private static final int LAST_ATTRIBUTE = 27;

    private final AttributeService attributes;
    private final CachedAnswers answers;

    AttributeMethods(AttributeService attributes, CachedAnswers answers) {
        this.attributes = attributes;
        this.answers = answers;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading("read", (context, p) -> {
            ReadItem item = new ReadItem(p.get(0, "nodeId").nodeId(), attribute(p.get(1, "attributeId")));
            boolean refresh = p.get(2, "refresh").flag(false);
            return item.attributeId() == VALUE || !context.config().readMetadataCache()
                    ? attributes.read(context, item)
                    : answers.get(
                            context,
                            item.nodeId(),
                            "read " + item.attributeId(),
                            CachedAnswers.ATTRIBUTE,
                            !refresh,
                            () -> attributes.read(context, item));
        });
        rows.reading(
                "readMulti",
                (context, p) -> attributes.readMulti(
                        context,
                        p.get(0, "items").requiredList().stream()
                                .map(AttributeMethods::readItem)
                                .toList()));
        rows.changing("write", Scope.WRITE, p -> List.of(p.get(0, "nodeId").nodeId()), (context, p) -> {
            Argument value = p.get(1, "value");
            return attributes
                    .write(
                            context,
                            List.of(new WriteItem(
                                    p.get(0, "nodeId").nodeId(),
                                    value.raw(),
                                    p.get(2, "type").builtinTypeOrNull(),
                                    VALUE,
                                    value.name())))
                    .thenApply(codes -> codes.get(0));
        });
        rows.changing(
                "writeMulti",
                Scope.WRITE,
                p -> p.get(0, "items").requiredList().stream()
                        .map(item -> item.member("nodeId").nodeId())
                        .toList(),
                (context, p) -> attributes.write(
                        context,
                        p.get(0, "items").requiredList().stream()
                                .map(AttributeMethods::writeItem)
                                .toList()));
    }

    private static ReadItem readItem(Argument item) {
        return new ReadItem(item.member("nodeId").nodeId(), attribute(item.member("attributeId")));
    }

    private static WriteItem writeItem(Argument item) {
        Argument value = item.member("value");
        return new WriteItem(
                item.member("nodeId").nodeId(),
                value.raw(),
                item.member("type").builtinTypeOrNull(),
                attribute(item.member("attributeId")),
                value.name());
    }

    private static int attribute(Argument attributeId) {
        return attributeId.whole(1, LAST_ATTRIBUTE, VALUE);
    }
}
