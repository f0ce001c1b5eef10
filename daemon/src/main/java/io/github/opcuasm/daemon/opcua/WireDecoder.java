package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.UaDecoder;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryDecoder;
import org.eclipse.milo.opcua.stack.core.types.UaMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what a server sent (Part 6, 5.2), for Milo's codecs and for ours. It gives the values that Milo's decoder
 * gives, except that nulls in Variants keep their type ({@link TypedNull}), and is safe against any bytes: memory follows
 * the bytes that came, nesting is bounded by the context's recursion depth, and every failure is an
 * {@link UaSerializationException} with Bad_DecodingError. {@link BuiltinTypeDecoder} tells how; here are the names that
 * {@link UaDecoder} wants, and structures.
 *
 * <p>Not thread-safe, and not to be used after a failure.
 */
public final class WireDecoder implements UaDecoder {
    private final EncodingContext context;
    private final BuiltinTypeDecoder values;

    /**
     * @param source where the bytes come from; its own context holds strings to the bytes that came
     * @param available how many bytes the source has, or more
     */
    WireDecoder(OpcUaBinaryDecoder source, EncodingContext context, int available) {
        this(context, new BuiltinTypeDecoder(source, context.getEncodingLimits().getMaxRecursionDepth(), available));
    }

    private WireDecoder(EncodingContext context, BuiltinTypeDecoder values) {
        this.context = context;
        this.values = values;
    }

    /**
     * A decoder of the readable bytes of {@code body}, which stays the caller's to release.
     *
     * @param context where the codecs of structures are looked up
     */
    public static WireDecoder of(ByteBuf body, EncodingContext context) {
        return new WireDecoder(source(body, context), context, body.readableBytes());
    }

    /**
     * A decoder of a body inside of what this one decodes, one level deeper: for whoever decodes the ExtensionObjects in
     * a structure, so that their nesting has the same bound.
     */
    public WireDecoder nested(ByteBuf body) {
        return new WireDecoder(context, values.nested(source(body, context), body.readableBytes()));
    }

    /**
     * The structure in an ExtensionObject, by the codec that the context has for its encoding.
     *
     * @throws UaSerializationException if the body is not binary or invalid, or there is no codec
     */
    public static UaStructuredType decode(ExtensionObject object, EncodingContext context) {
        if (object instanceof ExtensionObject.Binary binary && binary.getBody().isNotNull()) {
            ByteBuf body = Unpooled.wrappedBuffer(binary.getBody().bytesOrEmpty());
            return of(body, context).decodeStruct("body", object.getEncodingOrTypeId());
        }
        throw BuiltinTypeDecoder.invalid("an ExtensionObject without a binary body");
    }

    private static OpcUaBinaryDecoder source(ByteBuf body, EncodingContext context) {
        return new OpcUaBinaryDecoder(BoundedContext.of(context, body.readableBytes())).setBuffer(body);
    }

    @Override
    public EncodingContext getEncodingContext() {
        return context;
    }

    @Override
    public Boolean decodeBoolean(@Nullable String field) {
        return (Boolean) values.required(BuiltinType.BOOLEAN);
    }

    @Override
    public Byte decodeSByte(@Nullable String field) {
        return (Byte) values.required(BuiltinType.SBYTE);
    }

    @Override
    public Short decodeInt16(@Nullable String field) {
        return (Short) values.required(BuiltinType.INT16);
    }

    @Override
    public Integer decodeInt32(@Nullable String field) {
        return (Integer) values.required(BuiltinType.INT32);
    }

    @Override
    public Long decodeInt64(@Nullable String field) {
        return (Long) values.required(BuiltinType.INT64);
    }

    @Override
    public UByte decodeByte(@Nullable String field) {
        return (UByte) values.required(BuiltinType.BYTE);
    }

    @Override
    public UShort decodeUInt16(@Nullable String field) {
        return (UShort) values.required(BuiltinType.UINT16);
    }

    @Override
    public UInteger decodeUInt32(@Nullable String field) {
        return (UInteger) values.required(BuiltinType.UINT32);
    }

    @Override
    public ULong decodeUInt64(@Nullable String field) {
        return (ULong) values.required(BuiltinType.UINT64);
    }

    @Override
    public Float decodeFloat(@Nullable String field) {
        return (Float) values.required(BuiltinType.FLOAT);
    }

    @Override
    public Double decodeDouble(@Nullable String field) {
        return (Double) values.required(BuiltinType.DOUBLE);
    }

    @Override
    public @Nullable String decodeString(@Nullable String field) {
        return (String) values.scalar(BuiltinType.STRING);
    }

    @Override
    public DateTime decodeDateTime(@Nullable String field) {
        return (DateTime) values.required(BuiltinType.DATE_TIME);
    }

    @Override
    public UUID decodeGuid(@Nullable String field) {
        return (UUID) values.required(BuiltinType.GUID);
    }

    @Override
    public ByteString decodeByteString(@Nullable String field) {
        return (ByteString) values.required(BuiltinType.BYTE_STRING);
    }

    @Override
    public XmlElement decodeXmlElement(@Nullable String field) {
        return (XmlElement) values.required(BuiltinType.XML_ELEMENT);
    }

    @Override
    public NodeId decodeNodeId(@Nullable String field) {
        return (NodeId) values.required(BuiltinType.NODE_ID);
    }

    @Override
    public ExpandedNodeId decodeExpandedNodeId(@Nullable String field) {
        return (ExpandedNodeId) values.required(BuiltinType.EXPANDED_NODE_ID);
    }

    @Override
    public StatusCode decodeStatusCode(@Nullable String field) {
        return (StatusCode) values.required(BuiltinType.STATUS_CODE);
    }

    @Override
    public QualifiedName decodeQualifiedName(@Nullable String field) {
        return (QualifiedName) values.required(BuiltinType.QUALIFIED_NAME);
    }

    @Override
    public LocalizedText decodeLocalizedText(@Nullable String field) {
        return (LocalizedText) values.required(BuiltinType.LOCALIZED_TEXT);
    }

    @Override
    public ExtensionObject decodeExtensionObject(@Nullable String field) {
        return (ExtensionObject) values.required(BuiltinType.EXTENSION_OBJECT);
    }

    @Override
    public DataValue decodeDataValue(@Nullable String field) {
        return (DataValue) values.required(BuiltinType.DATA_VALUE);
    }

    @Override
    public Variant decodeVariant(@Nullable String field) {
        return (Variant) values.required(BuiltinType.VARIANT);
    }

    @Override
    public @Nullable DiagnosticInfo decodeDiagnosticInfo(@Nullable String field) {
        return (DiagnosticInfo) values.scalar(BuiltinType.DIAGNOSTIC_INFO);
    }

    @Override
    public Boolean @Nullable [] decodeBooleanArray(@Nullable String field) {
        return (Boolean[]) values.array(BuiltinType.BOOLEAN);
    }

    @Override
    public Byte @Nullable [] decodeSByteArray(@Nullable String field) {
        return (Byte[]) values.array(BuiltinType.SBYTE);
    }

    @Override
    public Short @Nullable [] decodeInt16Array(@Nullable String field) {
        return (Short[]) values.array(BuiltinType.INT16);
    }

    @Override
    public Integer @Nullable [] decodeInt32Array(@Nullable String field) {
        return (Integer[]) values.array(BuiltinType.INT32);
    }

    @Override
    public Long @Nullable [] decodeInt64Array(@Nullable String field) {
        return (Long[]) values.array(BuiltinType.INT64);
    }

    @Override
    public UByte @Nullable [] decodeByteArray(@Nullable String field) {
        return (UByte[]) values.array(BuiltinType.BYTE);
    }

    @Override
    public UShort @Nullable [] decodeUInt16Array(@Nullable String field) {
        return (UShort[]) values.array(BuiltinType.UINT16);
    }

    @Override
    public UInteger @Nullable [] decodeUInt32Array(@Nullable String field) {
        return (UInteger[]) values.array(BuiltinType.UINT32);
    }

    @Override
    public ULong @Nullable [] decodeUInt64Array(@Nullable String field) {
        return (ULong[]) values.array(BuiltinType.UINT64);
    }

    @Override
    public Float @Nullable [] decodeFloatArray(@Nullable String field) {
        return (Float[]) values.array(BuiltinType.FLOAT);
    }

    @Override
    public Double @Nullable [] decodeDoubleArray(@Nullable String field) {
        return (Double[]) values.array(BuiltinType.DOUBLE);
    }

    @Override
    public String @Nullable [] decodeStringArray(@Nullable String field) {
        return (String[]) values.array(BuiltinType.STRING);
    }

    @Override
    public DateTime @Nullable [] decodeDateTimeArray(@Nullable String field) {
        return (DateTime[]) values.array(BuiltinType.DATE_TIME);
    }

    @Override
    public UUID @Nullable [] decodeGuidArray(@Nullable String field) {
        return (UUID[]) values.array(BuiltinType.GUID);
    }

    @Override
    public ByteString @Nullable [] decodeByteStringArray(@Nullable String field) {
        return (ByteString[]) values.array(BuiltinType.BYTE_STRING);
    }

    @Override
    public XmlElement @Nullable [] decodeXmlElementArray(@Nullable String field) {
        return (XmlElement[]) values.array(BuiltinType.XML_ELEMENT);
    }

    @Override
    public NodeId @Nullable [] decodeNodeIdArray(@Nullable String field) {
        return (NodeId[]) values.array(BuiltinType.NODE_ID);
    }

    @Override
    public ExpandedNodeId @Nullable [] decodeExpandedNodeIdArray(@Nullable String field) {
        return (ExpandedNodeId[]) values.array(BuiltinType.EXPANDED_NODE_ID);
    }

    @Override
    public StatusCode @Nullable [] decodeStatusCodeArray(@Nullable String field) {
        return (StatusCode[]) values.array(BuiltinType.STATUS_CODE);
    }

    @Override
    public QualifiedName @Nullable [] decodeQualifiedNameArray(@Nullable String field) {
        return (QualifiedName[]) values.array(BuiltinType.QUALIFIED_NAME);
    }

    @Override
    public LocalizedText @Nullable [] decodeLocalizedTextArray(@Nullable String field) {
        return (LocalizedText[]) values.array(BuiltinType.LOCALIZED_TEXT);
    }

    @Override
    public ExtensionObject @Nullable [] decodeExtensionObjectArray(@Nullable String field) {
        return (ExtensionObject[]) values.array(BuiltinType.EXTENSION_OBJECT);
    }

    @Override
    public DataValue @Nullable [] decodeDataValueArray(@Nullable String field) {
        return (DataValue[]) values.array(BuiltinType.DATA_VALUE);
    }

    @Override
    public Variant @Nullable [] decodeVariantArray(@Nullable String field) {
        return (Variant[]) values.array(BuiltinType.VARIANT);
    }

    @Override
    public DiagnosticInfo @Nullable [] decodeDiagnosticInfoArray(@Nullable String field) {
        return (DiagnosticInfo[]) values.array(BuiltinType.DIAGNOSTIC_INFO);
    }

    @Override
    public Integer decodeEnum(@Nullable String field) {
        return decodeInt32(field);
    }

    @Override
    public Integer @Nullable [] decodeEnumArray(@Nullable String field) {
        return decodeInt32Array(field);
    }

    @Override
    public UaMessageType decodeMessage(@Nullable String field) {
        NodeId encodingId = decodeNodeId(field);
        if (decodeStruct(field, encodingId) instanceof UaMessageType message) {
            return message;
        }
        throw BuiltinTypeDecoder.invalid("not a message: " + encodingId.toParseableString());
    }

    @Override
    public UaStructuredType decodeStruct(@Nullable String field, NodeId dataTypeId) {
        return decodeStruct(field, codec(dataTypeId));
    }

    @Override
    public UaStructuredType decodeStruct(@Nullable String field, ExpandedNodeId dataTypeId) {
        return decodeStruct(field, local(dataTypeId));
    }

    @Override
    public UaStructuredType decodeStruct(@Nullable String field, DataTypeCodec codec) {
        values.enter();
        try {
            return codec.decode(context, this);
        } catch (UaSerializationException e) {
            throw e;
        } catch (RuntimeException e) {
            // A codec that does not like what it got.
            throw BuiltinTypeDecoder.invalid(e);
        } finally {
            values.leave();
        }
    }

    @Override
    public UaStructuredType @Nullable [] decodeStructArray(@Nullable String field, NodeId dataTypeId) {
        int length = values.length();
        return length < 0 ? null : structures(field, codec(dataTypeId), length);
    }

    @Override
    public UaStructuredType @Nullable [] decodeStructArray(@Nullable String field, ExpandedNodeId dataTypeId) {
        return decodeStructArray(field, local(dataTypeId));
    }

    /** Null for a matrix without dimensions. */
    @Override
    public @Nullable Matrix decodeMatrix(@Nullable String field, OpcUaDataType dataType) {
        int[] dimensions = values.dimensions();
        if (dimensions == null) {
            return null;
        }
        BuiltinType type = BuiltinType.of(dataType.getTypeId()).orElseThrow();
        return new Matrix(values.elements(type, length(dimensions)), dimensions, dataType);
    }

    @Override
    public @Nullable Matrix decodeEnumMatrix(@Nullable String field) {
        return decodeMatrix(field, OpcUaDataType.Int32);
    }

    @Override
    public @Nullable Matrix decodeStructMatrix(@Nullable String field, NodeId dataTypeId) {
        int[] dimensions = values.dimensions();
        return dimensions == null
                ? null
                : new Matrix(
                        structures(field, codec(dataTypeId), length(dimensions)),
                        dimensions,
                        OpcUaDataType.ExtensionObject);
    }

    @Override
    public @Nullable Matrix decodeStructMatrix(@Nullable String field, ExpandedNodeId dataTypeId) {
        return decodeStructMatrix(field, local(dataTypeId));
    }

    private UaStructuredType[] structures(@Nullable String field, DataTypeCodec codec, int length) {
        Object[] array = BuiltinTypeDecoder.newArray(codec.getType(), length);
        for (int i = 0; i < length; i++) {
            array = BuiltinTypeDecoder.withRoomFor(i, array, length);
            array[i] = decodeStruct(field, codec);
        }
        return (UaStructuredType[]) array;
    }

    private static int length(int[] dimensions) {
        return Math.toIntExact(BuiltinTypeDecoder.product(dimensions));
    }

    private DataTypeCodec codec(NodeId id) {
        DataTypeCodec codec = context.getDataTypeManager().getCodec(id);
        if (codec == null) {
            throw BuiltinTypeDecoder.invalid("no codec for " + id.toParseableString());
        }
        return codec;
    }

    private NodeId local(ExpandedNodeId id) {
        return id.toNodeId(context.getNamespaceTable())
                .orElseThrow(() -> BuiltinTypeDecoder.invalid("no type " + id.toParseableString()));
    }
}
