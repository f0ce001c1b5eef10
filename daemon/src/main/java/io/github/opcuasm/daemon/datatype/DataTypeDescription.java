package io.github.opcuasm.daemon.datatype;

import java.util.List;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a DataType node says about itself.
 *
 * @param structure from a StructureDefinition (Part 3, 8.49); null if it has none
 * @param constants from an EnumDefinition (Part 3, 8.51), bits if it is an option set; null if it has none
 * @param supertype null if the server does not tell, or nobody asked because the definition says enough
 * @param encodingId of the binary encoding, null if unknown
 */
record DataTypeDescription(
        @Nullable Fields structure,
        @Nullable Set<Long> constants,
        boolean isAbstract,
        @Nullable NodeId supertype,
        @Nullable NodeId encodingId) {

    /** A StructureDefinition. */
    record Fields(Layout layout, List<Field> fields) {}

    /** The values of StructureType, by their numbers (Part 3, 8.49). */
    enum Layout {
        STRUCTURE,
        WITH_OPTIONAL_FIELDS,
        UNION,
        WITH_SUBTYPED_VALUES,
        UNION_WITH_SUBTYPED_VALUES;

        static Layout of(int number) {
            return switch (number) {
                case 0 -> STRUCTURE;
                case 1 -> WITH_OPTIONAL_FIELDS;
                case 2 -> UNION;
                case 3 -> WITH_SUBTYPED_VALUES;
                case 4 -> UNION_WITH_SUBTYPED_VALUES;
                default -> throw new BodyMismatchException("there is no structure type " + number);
            };
        }
    }

    /**
     * A StructureField (Part 3, 8.50).
     *
     * @param isOptional that it may be absent, or that it allows subtypes, depending on the layout
     */
    record Field(String name, NodeId dataType, int valueRank, boolean isOptional) {}

    DataTypeDescription with(@Nullable NodeId foundSupertype, @Nullable NodeId foundEncoding) {
        return new DataTypeDescription(
                structure,
                constants,
                isAbstract,
                foundSupertype == null ? supertype : foundSupertype,
                encodingId == null ? foundEncoding : encodingId);
    }
}
