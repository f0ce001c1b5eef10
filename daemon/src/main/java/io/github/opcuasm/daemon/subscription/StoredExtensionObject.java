package io.github.opcuasm.daemon.subscription;

import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.XmlElement;
import org.jspecify.annotations.Nullable;

/** Extension objects and node ids in records and journals, as they came, still encoded. */
final class StoredExtensionObject {
    private static final int NONE = 0;
    private static final int BINARY = 1;
    private static final int XML = 2;
    private static final int JSON = 3;

    private StoredExtensionObject() {}

    /** @param object null is written as such */
    static void write(PartWriter out, @Nullable ExtensionObject object) {
        Object body = object == null ? null : object.getBody();
        if (object == null || body == null) {
            out.number(NONE);
        } else if (body instanceof ByteString bytes) {
            out.number(BINARY);
            writeId(out, object.getEncodingOrTypeId());
            out.bytes(bytes.bytesOrEmpty());
        } else if (body instanceof XmlElement xml) {
            out.number(XML);
            writeId(out, object.getEncodingOrTypeId());
            out.text(xml.getFragmentOrEmpty());
        } else {
            out.number(JSON);
            writeId(out, object.getEncodingOrTypeId());
            out.text(body.toString());
        }
    }

    /** Null if there was none, or none with a body. */
    static @Nullable ExtensionObject read(PartReader in) throws DamagedStateException {
        long kind = in.number();
        if (kind == NONE) {
            return null;
        }
        NodeId id = readId(in);
        if (kind == BINARY) {
            return ExtensionObject.of(ByteString.of(in.bytes()), id);
        }
        if (kind == XML) {
            return ExtensionObject.of(XmlElement.of(in.text()), id);
        }
        if (kind == JSON) {
            return ExtensionObject.of(in.text(), id);
        }
        throw new DamagedStateException("has an extension object of a kind that this version does not know");
    }

    static void writeId(PartWriter out, NodeId id) {
        out.text(id.toParseableString());
    }

    static NodeId readId(PartReader in) throws DamagedStateException {
        try {
            return NodeId.parse(in.text());
        } catch (UaRuntimeException | IllegalArgumentException e) {
            throw new DamagedStateException("has a node id that is none", e);
        }
    }
}
