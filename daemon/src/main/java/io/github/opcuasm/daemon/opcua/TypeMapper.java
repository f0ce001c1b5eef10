package io.github.opcuasm.daemon.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.json.ValueReader;
import io.github.opcuasm.protocol.type.ArrayView;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.Identifier;
import io.github.opcuasm.protocol.type.NamespacedNodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.types.UaEnumeratedType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.OptionSetUInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.jspecify.annotations.Nullable;

/**
 * Milo's values as values of the wire, and back. The one place where what a server sent is checked for null: in Milo's
 * classes any field may be null, in ours only where it says so.
 *
 * <p>Arrays are not copied on the way out: elements are mapped when they are written. Null arrays and null strings keep
 * their type both ways, as {@link TypedNull}, which only {@link WireDecoder} gives and {@link WireEncoder} takes.
 */
public final class TypeMapper {
    private TypeMapper() {}

    // From Milo.

    /** A missing value is a good one without a variant; timestamps of 0 are absent. */
    public static io.github.opcuasm.protocol.type.DataValue toWire(@Nullable DataValue value, ServerTypes types) {
        if (value == null) {
            return io.github.opcuasm.protocol.type.DataValue.of(io.github.opcuasm.protocol.type.Variant.NULL);
        }
        return new io.github.opcuasm.protocol.type.DataValue(
                toWire(value.getValue(), types),
                toWire(value.getStatusCode()),
                timestamp(value.getSourceTime()),
                timestamp(value.getServerTime()));
    }

    /**
     * Maps a scalar, an array or a matrix.
     *
     * @throws IllegalArgumentException for a decoded structure: it has to be encoded first
     */
    public static io.github.opcuasm.protocol.type.Variant toWire(@Nullable Variant variant, ServerTypes types) {
        Object value = variant == null ? null : variant.getValue();
        if (value == null) {
            return io.github.opcuasm.protocol.type.Variant.NULL;
        }
        if (value instanceof TypedNull none) {
            return none.array()
                    ? io.github.opcuasm.protocol.type.Variant.nullArray(none.type())
                    : io.github.opcuasm.protocol.type.Variant.scalar(none.type(), null);
        }
        if (value instanceof Matrix matrix) {
            Object flat = matrix.getElements();
            return flat == null
                    ? io.github.opcuasm.protocol.type.Variant.NULL
                    : matrix(flat, matrix.getDimensions(), types);
        }
        if (value.getClass().isArray()) {
            BuiltinType type = typeOf(value.getClass().getComponentType(), value);
            return io.github.opcuasm.protocol.type.Variant.array(type, elements(value, types));
        }
        return io.github.opcuasm.protocol.type.Variant.scalar(
                typeOf(value.getClass(), value), scalarToWire(value, types));
    }

    public static io.github.opcuasm.protocol.type.NodeId toWire(@Nullable NodeId nodeId) {
        return nodeId == null
                ? io.github.opcuasm.protocol.type.NodeId.NULL
                : new io.github.opcuasm.protocol.type.NodeId(
                        nodeId.getNamespaceIndex().intValue(), identifier(nodeId.getIdentifier()));
    }

    /** With the namespace's index where the server has one; the namespaces of other servers are never ours. */
    public static io.github.opcuasm.protocol.type.ExpandedNodeId toWire(
            @Nullable ExpandedNodeId nodeId, NamespaceTable namespaces) {
        if (nodeId == null) {
            return io.github.opcuasm.protocol.type.ExpandedNodeId.NULL;
        }
        Identifier identifier = identifier(nodeId.getIdentifier());
        UInteger server = nodeId.getServerIndex();
        long serverIndex = server == null ? 0 : server.longValue();
        String uri = nodeId.getNamespaceUri();
        UShort index = nodeId.getNamespaceIndex();
        if (uri != null && !uri.isEmpty()) {
            index = serverIndex == 0 ? namespaces.getIndex(uri) : null;
            if (index == null) {
                return new io.github.opcuasm.protocol.type.ExpandedNodeId(
                        new io.github.opcuasm.protocol.type.NodeId(0, identifier), uri, serverIndex);
            }
        }
        return new io.github.opcuasm.protocol.type.ExpandedNodeId(
                new io.github.opcuasm.protocol.type.NodeId(index == null ? 0 : index.intValue(), identifier),
                null,
                serverIndex);
    }

    public static io.github.opcuasm.protocol.type.QualifiedName toWire(@Nullable QualifiedName name) {
        if (name == null) {
            return io.github.opcuasm.protocol.type.QualifiedName.NULL;
        }
        String text = name.getName();
        return new io.github.opcuasm.protocol.type.QualifiedName(
                name.getNamespaceIndex().intValue(), text == null ? "" : text);
    }

    public static io.github.opcuasm.protocol.type.LocalizedText toWire(@Nullable LocalizedText text) {
        return text == null
                ? io.github.opcuasm.protocol.type.LocalizedText.NULL
                : new io.github.opcuasm.protocol.type.LocalizedText(text.getLocale(), text.getText());
    }

    /** A missing code is Good, as an absent one in a DataValue is (Part 6, 5.2.2.17). */
    public static io.github.opcuasm.protocol.type.StatusCode toWire(@Nullable StatusCode code) {
        return code == null
                ? io.github.opcuasm.protocol.type.StatusCode.GOOD
                : new io.github.opcuasm.protocol.type.StatusCode(code.getValue() & 0xFFFF_FFFFL);
    }

    public static io.github.opcuasm.protocol.type.DateTime toWire(@Nullable DateTime time) {
        return time == null
                ? io.github.opcuasm.protocol.type.DateTime.NULL
                : new io.github.opcuasm.protocol.type.DateTime(time.getUtcTime());
    }

    /** As it was sent; decoded too if its type is known. */
    public static io.github.opcuasm.protocol.type.ExtensionObject toWire(
            @Nullable ExtensionObject object, ServerTypes types) {
        if (object == null) {
            return io.github.opcuasm.protocol.type.ExtensionObject.NULL;
        }
        io.github.opcuasm.protocol.type.NodeId typeId = toWire(object.getEncodingOrTypeId());
        byte[] body = null;
        int encoding = 0;
        if (object instanceof ExtensionObject.Binary binary) {
            body = binary.getBody() == null ? null : binary.getBody().bytes();
            encoding = 1;
        } else if (object instanceof ExtensionObject.Xml xml) {
            String fragment = xml.getBody() == null ? null : xml.getBody().getFragment();
            body = fragment == null ? null : fragment.getBytes(StandardCharsets.UTF_8);
            encoding = 2;
        }
        return body == null
                ? new io.github.opcuasm.protocol.type.ExtensionObject(typeId, 0, null, null)
                : new io.github.opcuasm.protocol.type.ExtensionObject(
                        typeId,
                        encoding,
                        io.github.opcuasm.protocol.type.ByteString.copyOf(body),
                        types.decode(object));
    }

    public static io.github.opcuasm.protocol.type.ReferenceDescription toWire(
            ReferenceDescription reference, NamespaceTable namespaces) {
        return new io.github.opcuasm.protocol.type.ReferenceDescription(
                toWire(reference.getReferenceTypeId()),
                Boolean.TRUE.equals(reference.getIsForward()),
                toWire(reference.getNodeId(), namespaces),
                toWire(reference.getBrowseName()),
                toWire(reference.getDisplayName()),
                reference.getNodeClass() == null ? 0 : reference.getNodeClass().getValue(),
                toWire(reference.getTypeDefinition(), namespaces));
    }

    // To Milo.

    /**
     * Resolves a namespace URI against the server's table.
     *
     * @throws CommandException {@link ErrorType#INVALID_NODE_ID} if the server does not have the namespace
     */
    public static NodeId toMilo(NodeReference reference, NamespaceTable namespaces) {
        if (reference instanceof NamespacedNodeId named) {
            UShort index = namespaces.getIndex(named.namespaceUri());
            if (index == null) {
                throw new CommandException(
                        ErrorType.INVALID_NODE_ID,
                        "Invalid NodeId \"" + named + "\": the server has no namespace of this URI");
            }
            return nodeId(index, named.identifier());
        }
        return toMilo((io.github.opcuasm.protocol.type.NodeId) reference);
    }

    public static NodeId toMilo(io.github.opcuasm.protocol.type.NodeId nodeId) {
        return nodeId(ushort(nodeId.namespaceIndex()), nodeId.identifier());
    }

    public static ExpandedNodeId toMilo(io.github.opcuasm.protocol.type.ExpandedNodeId nodeId) {
        String uri = nodeId.namespaceUri();
        return new ExpandedNodeId(
                ExpandedNodeId.ServerReference.of(uint(nodeId.serverIndex())),
                uri == null
                        ? ExpandedNodeId.NamespaceReference.of(
                                ushort(nodeId.nodeId().namespaceIndex()))
                        : ExpandedNodeId.NamespaceReference.of(uri),
                identifier(nodeId.nodeId().identifier()));
    }

    public static QualifiedName toMilo(io.github.opcuasm.protocol.type.QualifiedName name) {
        return new QualifiedName(name.namespaceIndex(), name.name().isEmpty() ? null : name.name());
    }

    public static LocalizedText toMilo(io.github.opcuasm.protocol.type.LocalizedText text) {
        return new LocalizedText(text.locale(), text.text());
    }

    public static StatusCode toMilo(io.github.opcuasm.protocol.type.StatusCode code) {
        return new StatusCode(code.value());
    }

    public static DateTime toMilo(io.github.opcuasm.protocol.type.DateTime time) {
        return new DateTime(time.ticks());
    }

    public static DataValue toMilo(io.github.opcuasm.protocol.type.DataValue value) {
        io.github.opcuasm.protocol.type.DateTime source = value.sourceTimestamp();
        io.github.opcuasm.protocol.type.DateTime server = value.serverTimestamp();
        return new DataValue(
                toMilo(value.variant()),
                toMilo(value.statusCode()),
                source == null ? null : toMilo(source),
                server == null ? null : toMilo(server));
    }

    /**
     * The decoded value is left out: the body says it all.
     *
     * @throws CommandException {@link ErrorType#WRITE_TYPE_MISMATCH} if a caller gave fields that were not encoded
     */
    public static ExtensionObject toMilo(io.github.opcuasm.protocol.type.ExtensionObject object) {
        if (ValueReader.fieldsToEncode(object) != null) {
            throw new CommandException(
                    ErrorType.WRITE_TYPE_MISMATCH,
                    "A structure cannot be given by its fields here; give {\"typeId\",\"encoding\",\"body\"}");
        }
        NodeId typeId = toMilo(object.typeId());
        io.github.opcuasm.protocol.type.ByteString body = object.body();
        if (body == null || object.encoding() == 0) {
            return ExtensionObject.of(ByteString.NULL_VALUE, typeId);
        }
        return object.encoding() == 1
                ? ExtensionObject.of(ByteString.of(body.toByteArray()), typeId)
                : ExtensionObject.of(XmlElement.of(new String(body.toByteArray(), StandardCharsets.UTF_8)), typeId);
    }

    /** A null array and a null String, ByteString or XmlElement become a {@link TypedNull}. */
    public static Variant toMilo(io.github.opcuasm.protocol.type.Variant variant) {
        BuiltinType type = variant.type();
        if (type == null) {
            return Variant.NULL_VALUE;
        }
        if (variant.isNullArray()) {
            return new Variant(new TypedNull(type, true));
        }
        if (!(variant.value() instanceof List<?> list)) {
            return new Variant(variant.value() == null ? nullScalar(type) : scalarToMilo(type, variant.value()));
        }
        OpcUaDataType dataType = OpcUaDataType.fromTypeId(type.id());
        Object array = Array.newInstance(dataType.getBackingClass(), list.size());
        for (int i = 0; i < list.size(); i++) {
            Array.set(array, i, scalarToMilo(type, list.get(i)));
        }
        List<Integer> dimensions = variant.dimensions();
        return dimensions == null || dimensions.size() < 2
                ? new Variant(array)
                : new Variant(new Matrix(
                        array, dimensions.stream().mapToInt(Integer::intValue).toArray(), dataType));
    }

    private static io.github.opcuasm.protocol.type.Variant matrix(Object flat, int[] dimensions, ServerTypes types) {
        List<Integer> lengths = new ArrayList<>(dimensions.length);
        long product = 1;
        for (int length : dimensions) {
            // Part 6, 5.2.2.16: lengths below 1 mean that there are no elements.
            lengths.add(Math.max(0, length));
            product = Math.min(product * Math.max(0, length), Integer.MAX_VALUE);
        }
        BuiltinType type = typeOf(flat.getClass().getComponentType(), flat);
        List<?> elements = elements(flat, types);
        // A server whose dimensions contradict its elements still sent the elements.
        return product == elements.size() && lengths.size() > 1
                ? io.github.opcuasm.protocol.type.Variant.matrix(type, elements, lengths)
                : io.github.opcuasm.protocol.type.Variant.array(type, elements);
    }

    private static List<?> elements(Object array, ServerTypes types) {
        if (array instanceof Object[] objects) {
            return ArrayView.of(
                    objects.length, i -> objects[i] == null ? absent(objects, types) : scalarToWire(objects[i], types));
        }
        return ArrayView.of(Array.getLength(array), i -> Array.get(array, i));
    }

    /** What stands for a null element: null where the type has one, else the type's null value. */
    private static @Nullable Object absent(Object[] array, ServerTypes types) {
        Class<?> type = array.getClass().getComponentType();
        if (type == NodeId.class) {
            return toWire((NodeId) null);
        } else if (type == ExpandedNodeId.class) {
            return toWire((ExpandedNodeId) null, types.namespaces());
        } else if (type == QualifiedName.class) {
            return toWire((QualifiedName) null);
        } else if (type == LocalizedText.class) {
            return toWire((LocalizedText) null);
        } else if (type == Variant.class) {
            return toWire((Variant) null, types);
        } else if (type == DataValue.class) {
            return toWire((DataValue) null, types);
        } else if (ExtensionObject.class.isAssignableFrom(type)) {
            return io.github.opcuasm.protocol.type.ExtensionObject.NULL;
        }
        return null;
    }

    /**
     * One value of a built-in type, of the class that Milo's decoder gives it.
     *
     * @return of the class that {@link io.github.opcuasm.protocol.type.Variant} documents; null for a null ByteString or
     *     XmlElement
     */
    public static @Nullable Object scalarToWire(Object value, ServerTypes types) {
        if (value instanceof UByte number) {
            return number.shortValue();
        } else if (value instanceof UShort number) {
            return number.intValue();
        } else if (value instanceof UInteger number) {
            return number.longValue();
        } else if (value instanceof ULong number) {
            return number.toBigInteger();
        } else if (value instanceof DateTime time) {
            return toWire(time);
        } else if (value instanceof ByteString string) {
            byte[] bytes = string.bytes();
            return bytes == null ? null : io.github.opcuasm.protocol.type.ByteString.copyOf(bytes);
        } else if (value instanceof XmlElement xml) {
            String fragment = xml.getFragment();
            return fragment == null ? null : new io.github.opcuasm.protocol.type.XmlElement(fragment);
        } else if (value instanceof NodeId nodeId) {
            return toWire(nodeId);
        } else if (value instanceof ExpandedNodeId nodeId) {
            return toWire(nodeId, types.namespaces());
        } else if (value instanceof StatusCode code) {
            return toWire(code);
        } else if (value instanceof QualifiedName name) {
            return toWire(name);
        } else if (value instanceof LocalizedText text) {
            return toWire(text);
        } else if (value instanceof ExtensionObject object) {
            return toWire(object, types);
        } else if (value instanceof DataValue dataValue) {
            return toWire(dataValue, types);
        } else if (value instanceof Variant variant) {
            return toWire(variant, types);
        } else if (value instanceof DiagnosticInfo) {
            return io.github.opcuasm.protocol.type.DiagnosticInfo.PRESENT;
        } else if (value instanceof UaEnumeratedType constant) {
            return constant.getValue();
        } else if (value instanceof OptionSetUInteger<?> options) {
            return scalarToWire(options.getValue(), types);
        }
        // Boolean, Byte, Short, Integer, Long, Float, Double, String and UUID are the same on both sides.
        return value;
    }

    /** @param value the value or array, asked only where the class does not say it */
    private static BuiltinType typeOf(Class<?> type, Object value) {
        if (UaEnumeratedType.class.isAssignableFrom(type)) {
            return BuiltinType.INT32;
        }
        if (ExtensionObject.class.isAssignableFrom(type)) {
            return BuiltinType.EXTENSION_OBJECT;
        }
        OpcUaDataType dataType = OptionSetUInteger.class.isAssignableFrom(type)
                ? new Variant(value).getDataType().orElse(null)
                : OpcUaDataType.fromBackingClass(type);
        if (dataType == null) {
            throw new IllegalArgumentException("value: got " + type.getName() + ", expected a built-in type");
        }
        return BuiltinType.of(dataType.getTypeId()).orElseThrow();
    }

    private static @Nullable Object nullScalar(BuiltinType type) {
        return switch (type) {
            case STRING, BYTE_STRING, XML_ELEMENT -> new TypedNull(type, false);
            default -> null;
        };
    }

    /**
     * One value of a built-in type.
     *
     * @param value of the class that {@link io.github.opcuasm.protocol.type.Variant} documents; null for a null String,
     *     ByteString or XmlElement
     */
    public static @Nullable Object scalarToMilo(BuiltinType type, @Nullable Object value) {
        if (value == null) {
            return switch (type) {
                case BYTE_STRING -> ByteString.NULL_VALUE;
                case XML_ELEMENT -> XmlElement.NULL_VALUE;
                default -> null;
            };
        }
        return switch (type) {
            case BYTE -> ubyte((Short) value);
            case UINT16 -> ushort((Integer) value);
            case UINT32 -> uint((Long) value);
            case UINT64 -> ulong((BigInteger) value);
            case DATE_TIME -> toMilo((io.github.opcuasm.protocol.type.DateTime) value);
            case BYTE_STRING -> ByteString.of(((io.github.opcuasm.protocol.type.ByteString) value).toByteArray());
            case XML_ELEMENT -> XmlElement.of(((io.github.opcuasm.protocol.type.XmlElement) value).fragment());
            case NODE_ID -> toMilo((io.github.opcuasm.protocol.type.NodeId) value);
            case EXPANDED_NODE_ID -> toMilo((io.github.opcuasm.protocol.type.ExpandedNodeId) value);
            case STATUS_CODE -> toMilo((io.github.opcuasm.protocol.type.StatusCode) value);
            case QUALIFIED_NAME -> toMilo((io.github.opcuasm.protocol.type.QualifiedName) value);
            case LOCALIZED_TEXT -> toMilo((io.github.opcuasm.protocol.type.LocalizedText) value);
            case EXTENSION_OBJECT -> toMilo((io.github.opcuasm.protocol.type.ExtensionObject) value);
            case DATA_VALUE -> toMilo((io.github.opcuasm.protocol.type.DataValue) value);
            case VARIANT -> toMilo((io.github.opcuasm.protocol.type.Variant) value);
            case DIAGNOSTIC_INFO -> DiagnosticInfo.NULL_VALUE;
            case BOOLEAN, SBYTE, INT16, INT32, INT64, FLOAT, DOUBLE, STRING, GUID -> value;
        };
    }

    private static io.github.opcuasm.protocol.type.@Nullable DateTime timestamp(@Nullable DateTime time) {
        return time == null || time.getUtcTime() <= 0 ? null : toWire(time);
    }

    private static Identifier identifier(@Nullable Object identifier) {
        if (identifier instanceof UInteger number) {
            return new Identifier.Numeric(number.longValue());
        } else if (identifier instanceof String text) {
            return new Identifier.Text(text);
        } else if (identifier instanceof UUID guid) {
            return new Identifier.Guid(guid);
        } else if (identifier instanceof ByteString bytes) {
            return new Identifier.Opaque(io.github.opcuasm.protocol.type.ByteString.copyOf(bytes.bytesOrEmpty()));
        }
        return new Identifier.Numeric(0);
    }

    private static Object identifier(Identifier identifier) {
        if (identifier instanceof Identifier.Numeric numeric) {
            return uint(numeric.value());
        } else if (identifier instanceof Identifier.Text text) {
            return text.value();
        } else if (identifier instanceof Identifier.Guid guid) {
            return guid.value();
        }
        return ByteString.of(((Identifier.Opaque) identifier).value().toByteArray());
    }

    private static NodeId nodeId(UShort namespaceIndex, Identifier identifier) {
        Object value = identifier(identifier);
        if (value instanceof UInteger number) {
            return new NodeId(namespaceIndex, number);
        } else if (value instanceof String text) {
            return new NodeId(namespaceIndex, text);
        } else if (value instanceof UUID guid) {
            return new NodeId(namespaceIndex, guid);
        }
        return new NodeId(namespaceIndex, (ByteString) value);
    }
}
