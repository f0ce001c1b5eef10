package io.github.opcuasm.daemon.datatype;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.daemon.datatype.DataTypeDescription.Layout;
import io.github.opcuasm.daemon.opcua.BodyWriter;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.StructureValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.milo.opcua.sdk.core.types.DynamicStructType;
import org.eclipse.milo.opcua.sdk.core.types.codec.DynamicStructCodec;
import org.eclipse.milo.opcua.sdk.core.typetree.DataType;
import org.eclipse.milo.opcua.sdk.core.typetree.DataTypeTree;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.eclipse.milo.opcua.stack.core.util.Tree;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Why there is a codec of our own: Milo's counts only the optional fields that are there. */
final class OptionalFieldMaskTest {

    @Test
    void bitOfAnOptionalFieldDoesNotDependOnThoseBeforeIt() {
        StructureShape shape = new Shapes()
                .structure(
                        "Optionals",
                        Layout.WITH_OPTIONAL_FIELDS,
                        Shapes.optional("o1", NodeIds.Int32),
                        Shapes.optional("o2", NodeIds.Int32))
                .shape("Optionals");
        StructureValue value = shape.layout().builder().set(1, 99).build();

        String ours = new StructureEncoder().encode(shape, value).toHex();
        String milos = byMilo(Map.of("o2", 99));

        assertThat(ours).isEqualTo("0200000063000000");
        assertThat(milos).isEqualTo("0100000000000000");
    }

    private static String byMilo(Map<String, Object> members) {
        DataType type = new OptionalsType();
        BodyWriter body = new BodyWriter();
        new DynamicStructCodec(type, new DataTypeTree(new Tree<>(null, type)))
                .encode(
                        DefaultEncodingContext.INSTANCE,
                        body.encoder(),
                        new DynamicStructType(type, new LinkedHashMap<>(members)));
        return ByteString.copyOf(body.toBytes()).toHex();
    }

    private static final class OptionalsType implements DataType {
        @Override
        public QualifiedName getBrowseName() {
            return new QualifiedName(2, "Optionals");
        }

        @Override
        public NodeId getNodeId() {
            return Shapes.id("Optionals");
        }

        @Override
        public NodeId getBinaryEncodingId() {
            return Shapes.encoding("Optionals");
        }

        @Override
        public @Nullable NodeId getXmlEncodingId() {
            return null;
        }

        @Override
        public @Nullable NodeId getJsonEncodingId() {
            return null;
        }

        @Override
        public DataTypeDefinition getDataTypeDefinition() {
            return new StructureDefinition(
                    Shapes.encoding("Optionals"),
                    NodeIds.Structure,
                    StructureType.StructureWithOptionalFields,
                    new StructureField[] {field("o1"), field("o2")});
        }

        @Override
        public Boolean isAbstract() {
            return false;
        }

        private static StructureField field(String name) {
            return new StructureField(name, LocalizedText.NULL_VALUE, NodeIds.Int32, -1, null, UInteger.MIN, true);
        }
    }
}
