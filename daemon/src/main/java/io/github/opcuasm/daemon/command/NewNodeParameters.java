package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.NewNode;
import io.github.opcuasm.daemon.service.NewNodeValue;
import io.github.opcuasm.daemon.service.NodeAttribute;
import io.github.opcuasm.daemon.service.NodeClass;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One item of {@code addNodes}, checked against what its node class allows before anything is sent: what a server would
 * answer with Bad_NodeAttributesInvalid for the whole item is an error here that names the member.
 *
 * <p>Specified to the server are the attributes that the caller gave, and those for which the protocol has a default: the
 * display name, access levels, whether methods may be executed. Data type and rank have one too, but if the caller gave
 * none, those of the type definition count (Part 4, 5.8.2), which a server need not let anybody contradict.
 */
final class NewNodeParameters {
    private static final long BASE_DATA_TYPE = 24;
    private static final int SCALAR = -1;
    private static final int SCALAR_OR_ONE_DIMENSION = -3;
    private static final int MAX_DIMENSIONS = 65_535;
    private static final int READABLE = 1;

    /** Bit 7 is reserved (Part 3, 8.57). */
    private static final int MAX_ACCESS_LEVEL = 0x7F;

    /** SubscribeToEvents, HistoryRead and HistoryWrite; the others are reserved (Part 3, 8.59). */
    private static final int EVENT_NOTIFIER_BITS = 0b1101;

    private static final int UNKNOWN_INTERVAL = -1;
    private static final int MAX_INDEX = 65_535;
    private static final Set<String> VARIANT = Set.of("type", "value", "dimensions");

    private final Argument item;
    private final NodeClass nodeClass;
    private final Map<NodeAttribute, Object> attributes = new EnumMap<>(NodeAttribute.class);
    private final Set<NodeAttribute> specified = EnumSet.noneOf(NodeAttribute.class);

    private NewNodeParameters(Argument item) {
        this.item = item;
        this.nodeClass = nodeClass(item.member("nodeClass"));
    }

    static NewNode read(Argument item) {
        return new NewNodeParameters(item).node();
    }

    /** A node class by its number or its name. */
    static NodeClass nodeClass(Argument argument) {
        if (!argument.isAbsent() && argument.raw() instanceof JsonValue.Str) {
            return List.of(NodeClass.values()).get(argument.named(NodeClass.names(), 0));
        }
        String expected = "a node class: 1 Object, 2 Variable, 4 Method, 8 ObjectType, 16 VariableType,"
                + " 32 ReferenceType, 64 DataType or 128 View";
        if (argument.isAbsent()) {
            throw argument.misfit(expected);
        }
        return NodeClass.of(argument.whole(0, Integer.MAX_VALUE)).orElseThrow(() -> argument.misfit(expected));
    }

    /** Which id the new node shall have; null if the server chooses. */
    static @Nullable NodeReference requestedNewNodeId(Argument item) {
        return orNull(item.member("requestedNewNodeId"));
    }

    private NewNode node() {
        NodeReference parent = item.member("parentNodeId").nodeId();
        NodeReference referenceType = item.member("referenceTypeId").nodeId();
        QualifiedName browseName = browseName(item.member("browseName"));
        NodeReference typeDefinition = typeDefinition(item.member("typeDefinition"));
        refuseForeignAttributes();
        specify(NodeAttribute.DISPLAY_NAME, new LocalizedText(null, browseName.name()));
        putDefaults();
        for (NodeAttribute attribute : NodeAttribute.values()) {
            Argument given = item.member(attribute.wireName());
            if (!given.isAbsent()) {
                specify(attribute, value(attribute, given));
            }
        }
        refuseContradiction();
        return new NewNode(
                parent,
                referenceType,
                requestedNewNodeId(item),
                browseName,
                nodeClass,
                typeDefinition,
                attributes,
                specified);
    }

    private void specify(NodeAttribute attribute, Object value) {
        attributes.put(attribute, value);
        specified.add(attribute);
    }

    private void refuseForeignAttributes() {
        for (NodeAttribute attribute : NodeAttribute.values()) {
            Argument given = item.member(attribute.wireName());
            if (!given.isAbsent() && !attribute.isOf(nodeClass)) {
                String owners = Arrays.stream(NodeClass.values())
                        .filter(attribute::isOf)
                        .map(NodeClass::displayName)
                        .collect(Collectors.joining(", "));
                throw given.misfit("nothing for nodeClass " + nodeClass.displayName() + ": it is an attribute of "
                        + owners + " nodes");
            }
        }
    }

    private void putDefaults() {
        if (has(NodeAttribute.DATA_TYPE_ID)) {
            attributes.put(NodeAttribute.DATA_TYPE_ID, NodeId.numeric(0, BASE_DATA_TYPE));
            attributes.put(NodeAttribute.VALUE_RANK, SCALAR);
        }
        if (has(NodeAttribute.ACCESS_LEVEL)) {
            specify(NodeAttribute.ACCESS_LEVEL, READABLE);
            specify(NodeAttribute.USER_ACCESS_LEVEL, READABLE);
        }
        if (has(NodeAttribute.EXECUTABLE)) {
            specify(NodeAttribute.EXECUTABLE, true);
            specify(NodeAttribute.USER_EXECUTABLE, true);
        }
    }

    private boolean has(NodeAttribute attribute) {
        return attribute.isOf(nodeClass);
    }

    private static Object value(NodeAttribute attribute, Argument given) {
        return switch (attribute) {
            case DISPLAY_NAME, DESCRIPTION, INVERSE_NAME -> given.localizedText();
            case WRITE_MASK, USER_WRITE_MASK -> given.uint32();
            case VALUE -> newValue(given);
            case DATA_TYPE_ID -> given.nodeId();
            case VALUE_RANK -> given.whole(SCALAR_OR_ONE_DIMENSION, MAX_DIMENSIONS);
            case ARRAY_DIMENSIONS -> given.list(Argument::uint32);
            case ACCESS_LEVEL, USER_ACCESS_LEVEL -> given.whole(0, MAX_ACCESS_LEVEL);
            case EVENT_NOTIFIER -> eventNotifier(given);
            case MINIMUM_SAMPLING_INTERVAL -> given.number(UNKNOWN_INTERVAL);
            case HISTORIZING, EXECUTABLE, USER_EXECUTABLE, IS_ABSTRACT, SYMMETRIC, CONTAINS_NO_LOOPS ->
                given.flag(false);
        };
    }

    private static int eventNotifier(Argument given) {
        int bits = given.whole(0, 0xFF);
        if ((bits & ~EVENT_NOTIFIER_BITS) != 0) {
            throw given.misfit("a sum of 1 SubscribeToEvents, 4 HistoryRead and 8 HistoryWrite");
        }
        return bits;
    }

    /** With its type beside it, or plain. */
    private static NewNodeValue newValue(Argument given) {
        JsonValue json = given.raw();
        boolean isTyped = json instanceof JsonValue.Obj object
                && object.get("type") instanceof JsonValue.Num
                && object.members().containsKey("value")
                && VARIANT.containsAll(object.members().keySet());
        return new NewNodeValue(isTyped ? given.variant() : null, json, given.name());
    }

    private static QualifiedName browseName(Argument argument) {
        QualifiedName name = argument.isAbsent() || !(argument.raw() instanceof JsonValue.Str text)
                ? argument.qualifiedName()
                : ofText(argument, text.value());
        if (name.name().isEmpty()) {
            throw argument.misfit("a name that is not empty, such as \"2:Pump\"");
        }
        return name;
    }

    /** {@code 2:Pump}; in namespace 0 without a number in front. */
    private static QualifiedName ofText(Argument argument, String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || !text.chars().limit(colon).allMatch(c -> c >= '0' && c <= '9')) {
            return new QualifiedName(0, text);
        }
        String digits = text.substring(0, colon);
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_INDEX) {
            throw argument.misfit("a namespace index of at most " + MAX_INDEX + " before the colon");
        }
        return new QualifiedName(Integer.parseInt(digits), text.substring(colon + 1));
    }

    private @Nullable NodeReference typeDefinition(Argument argument) {
        NodeReference typeDefinition = orNull(argument);
        if (typeDefinition == null && nodeClass.hasTypeDefinition()) {
            throw argument.misfit(
                    nodeClass == NodeClass.OBJECT
                            ? "the ObjectType of the new Object: i=58 is BaseObjectType, i=61 FolderType"
                            : "the VariableType of the new Variable: i=63 is BaseDataVariableType, i=68 PropertyType");
        }
        if (typeDefinition != null && !nodeClass.hasTypeDefinition()) {
            throw argument.misfit("nothing for nodeClass " + nodeClass.displayName()
                    + ": only an Object or a Variable has a type definition");
        }
        return typeDefinition;
    }

    /** A null NodeId is none. */
    private static @Nullable NodeReference orNull(Argument argument) {
        NodeReference node = argument.nodeIdOrNull();
        return node instanceof NodeId local && local.isNull() ? null : node;
    }

    /** Part 3, 5.6.2: as many dimensions as the rank says, and none where it leaves their number open. */
    private void refuseContradiction() {
        if (attributes.get(NodeAttribute.ARRAY_DIMENSIONS) instanceof List<?> dimensions
                && attributes.get(NodeAttribute.VALUE_RANK) instanceof Integer rank
                && !dimensions.isEmpty()
                && dimensions.size() != rank) {
            throw item.member(NodeAttribute.ARRAY_DIMENSIONS.wireName())
                    .misfit(
                            rank > 0
                                    ? rank + " lengths, as many as valueRank says"
                                    : "none beside valueRank " + rank + "; valueRank " + dimensions.size()
                                            + " would fit");
        }
    }
}
