package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.protocol.type.BuiltinType;
import java.util.Set;

/** How values of a data type are encoded; what remains of a type once its supertypes have been climbed. */
public sealed interface ValueType permits ValueType.Simple, ValueType.Enumeration, StructureShape {

    /** The built-in type of a Variant that holds such a value. */
    BuiltinType builtinType();

    /**
     * A built-in type or a subtype of one, option sets among them; Variant for what is abstract (BaseDataType, Number),
     * ExtensionObject for abstract structures, because only the value tells of which type it is.
     */
    record Simple(BuiltinType builtinType) implements ValueType {}

    /**
     * An Int32 of a list.
     *
     * @param constants the numbers in the list; empty if the server does not tell
     */
    record Enumeration(Set<Long> constants) implements ValueType {
        public Enumeration {
            constants = Set.copyOf(constants);
        }

        @Override
        public BuiltinType builtinType() {
            return BuiltinType.INT32;
        }

        boolean allows(int number) {
            return constants.isEmpty() || constants.contains((long) number);
        }
    }
}
