package io.github.opcuasm.daemon.opcua;

import org.eclipse.milo.opcua.stack.core.encoding.DataTypeCodec;
import org.eclipse.milo.opcua.stack.core.types.DataTypeDictionary;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** The data types of another manager, whose codecs see {@link WireDecoder} and {@link WireEncoder} whoever calls them. */
class WireTypes implements DataTypeManager {
    private final DataTypeManager types;

    WireTypes(DataTypeManager types) {
        this.types = types;
    }

    @Override
    public @Nullable DataTypeCodec getCodec(NodeId id) {
        DataTypeCodec codec = types.getCodec(id);
        return codec == null ? null : new WireCodec(codec);
    }

    @Override
    public @Nullable NodeId getBinaryEncodingId(NodeId dataTypeId) {
        return types.getBinaryEncodingId(dataTypeId);
    }

    @Override
    public @Nullable NodeId getXmlEncodingId(NodeId dataTypeId) {
        return types.getXmlEncodingId(dataTypeId);
    }

    @Override
    public @Nullable NodeId getJsonEncodingId(NodeId dataTypeId) {
        return types.getJsonEncodingId(dataTypeId);
    }

    @Override
    public @Nullable DataTypeDictionary getTypeDictionary(String namespaceUri) {
        return types.getTypeDictionary(namespaceUri);
    }

    /** Not here: the types below are those of all servers. */
    @Override
    public void registerType(
            NodeId dataTypeId,
            DataTypeCodec codec,
            @Nullable NodeId binaryEncodingId,
            @Nullable NodeId xmlEncodingId,
            @Nullable NodeId jsonEncodingId) {
        throw new UnsupportedOperationException("the types of all servers do not change");
    }

    /** Not here: the types below are those of all servers. */
    @Override
    public void registerTypeDictionary(DataTypeDictionary dictionary) {
        throw new UnsupportedOperationException("the types of all servers do not change");
    }
}
