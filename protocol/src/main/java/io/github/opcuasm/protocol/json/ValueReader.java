package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.ExpandedNodeId;
import io.github.opcuasm.protocol.type.ExtensionObject;
import io.github.opcuasm.protocol.type.LocalizedText;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.ReferenceDescription;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as OPC UA values (protocol, section 5, <em>Writing</em> and <em>Value shapes</em>). Nothing is rounded into
 * an integer type, wrapped or cut: what does not fit is refused with a message that names the parameter, the value and
 * what the type takes.
 *
 * <p>The first group of methods reads requests, for the daemon; the second reads answers, for clients, where a value in
 * the wrong shape is an {@link ErrorType#ENCODING} error.
 */
public final class ValueReader {
    private ValueReader() {}

    // Requests.

    /**
     * One value of a type; arrays are refused.
     *
     * @param name the parameter, for messages
     * @return an object of the class that {@link Variant} documents; null for a null String, ByteString or XmlElement
     * @throws CommandException {@link ErrorType#WRITE_TYPE_MISMATCH}
     */
    public static @Nullable Object readScalar(JsonValue json, BuiltinType type, String name) {
        return new ScalarReader(ErrorType.WRITE_TYPE_MISMATCH, name).scalar(json, type);
    }

    /**
     * A value of a type and a rank. A matrix comes as nested arrays, or flat as {@code {"value":[…],"dimensions":[…]}}.
     *
     * @param valueRank -1 a scalar, 1 and more that many dimensions, 0 one or more dimensions, -2 anything, -3 a scalar
     *     or one dimension (Part 3, 5.6.2)
     * @param name the parameter, for messages
     * @throws CommandException {@link ErrorType#WRITE_TYPE_MISMATCH}
     */
    public static Variant readVariant(JsonValue json, BuiltinType type, int valueRank, String name) {
        return new ArrayReader(new ScalarReader(ErrorType.WRITE_TYPE_MISMATCH, name), type, name).read(json, valueRank);
    }

    /**
     * A value that brings its type: {@code {"type","value","dimensions"}}, {@code dimensions} optional.
     *
     * @param name the parameter, for messages
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT} if it is no such object, there is no such type, or the
     *     value does not fit it
     */
    public static Variant readTypedVariant(JsonValue json, String name) {
        return ArrayReader.typed(ErrorType.INVALID_ARGUMENT, Members.of(json, name, ErrorType.INVALID_ARGUMENT), name);
    }

    /**
     * What the fields of a structure in a request shall be: it cannot be sent before they are encoded as its body, or
     * compared with the one it has. Its type id is null where the caller left the type to the variable.
     *
     * @return null if its body says it all
     */
    public static @Nullable JsonValue fieldsToEncode(ExtensionObject object) {
        return object.value() instanceof JsonValue fields ? fields : null;
    }

    /**
     * A BuiltinType parameter, 1 to 25.
     *
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT}
     */
    public static BuiltinType readBuiltinType(JsonValue json, String name) {
        return Members.builtinType(json, name, ErrorType.INVALID_ARGUMENT);
    }

    /**
     * A point in time: any ISO 8601 offset date-time, or what PHP's DateTime looks like as JSON. The ends clamp.
     *
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT}
     */
    public static DateTime readDateTime(JsonValue json, String name) {
        return new ScalarReader(ErrorType.INVALID_ARGUMENT, name).dateTime(json);
    }

    /**
     * A DataValue parameter: {@code {"value","type","dimensions","statusCode","sourceTimestamp","serverTimestamp"}}.
     *
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT}, naming the member by its path: {@code
     *     items[3].sourceTimestamp}
     */
    public static DataValue readDataValue(JsonValue json, String name) {
        return new ScalarReader(ErrorType.INVALID_ARGUMENT, name).dataValue(json);
    }

    /**
     * A NodeId parameter: {@code {"ns","id","type"}} with {@code ns} 0 and {@code type} numeric unless given, the
     * standard text form, or {@code {"v":"ns=2;s=x"}} (there {@code b=} is hexadecimal).
     *
     * @throws CommandException {@link ErrorType#INVALID_NODE_ID} for an identifier or a text that is malformed, {@link
     *     ErrorType#INVALID_ARGUMENT} for members that are missing, of the wrong kind or out of range
     */
    public static NodeReference readNodeReference(JsonValue json, String name) {
        return NodeIdReader.REQUEST.reference(json, name);
    }

    /**
     * A QualifiedName: {@code {"ns","name"}}, or {@code {"ns","n"}} as PHP's objects have it.
     *
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT}
     */
    public static QualifiedName readQualifiedName(JsonValue json, String name) {
        return (QualifiedName)
                new ScalarReader(ErrorType.INVALID_ARGUMENT, name).required(json, BuiltinType.QUALIFIED_NAME);
    }

    /**
     * A LocalizedText: {@code {"locale","text"}}.
     *
     * @throws CommandException {@link ErrorType#INVALID_ARGUMENT}
     */
    public static LocalizedText readLocalizedText(JsonValue json, String name) {
        return (LocalizedText)
                new ScalarReader(ErrorType.INVALID_ARGUMENT, name).required(json, BuiltinType.LOCALIZED_TEXT);
    }

    // Answers.

    /** A NodeId of an answer. */
    public static NodeId readNodeId(JsonValue json, String name) {
        return NodeIdReader.ANSWER.local(json, name);
    }

    /** An ExpandedNodeId of an answer. */
    public static ExpandedNodeId readExpandedNodeId(JsonValue json, String name) {
        return NodeIdReader.ANSWER.expanded(json, name);
    }

    /** A status code of an answer. */
    public static StatusCode readStatusCode(JsonValue json, String name) {
        return answer(name).statusCode(json);
    }

    /** A Variant of an answer. */
    public static Variant readVariant(JsonValue json) {
        return ArrayReader.typed(ErrorType.ENCODING, Members.of(json, "variant", ErrorType.ENCODING), "variant");
    }

    /** A DataValue of an answer. */
    public static DataValue readDataValue(JsonValue json) {
        return answer("dataValue").dataValue(json);
    }

    /** A ReferenceDescription of an answer. */
    public static ReferenceDescription readReferenceDescription(JsonValue json) {
        Members members = Members.of(json, "reference", ErrorType.ENCODING);
        ScalarReader reader = answer("reference");
        return new ReferenceDescription(
                readNodeId(members.required("referenceTypeId"), "referenceTypeId"),
                members.flag("isForward"),
                readExpandedNodeId(members.required("nodeId"), "nodeId"),
                (QualifiedName) reader.required(members.required("browseName"), BuiltinType.QUALIFIED_NAME),
                (LocalizedText) reader.required(members.required("displayName"), BuiltinType.LOCALIZED_TEXT),
                members.whole("nodeClass", BigInteger.valueOf(Integer.MAX_VALUE))
                        .intValueExact(),
                readExpandedNodeId(members.required("typeDefinition"), "typeDefinition"));
    }

    private static ScalarReader answer(String name) {
        return new ScalarReader(ErrorType.ENCODING, name);
    }
}
