package io.github.opcuasm.daemon.service;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What kind of node (Part 3, 8.29). */
public enum NodeClass {
    OBJECT(1, "Object"),
    VARIABLE(2, "Variable"),
    METHOD(4, "Method"),
    OBJECT_TYPE(8, "ObjectType"),
    VARIABLE_TYPE(16, "VariableType"),
    REFERENCE_TYPE(32, "ReferenceType"),
    DATA_TYPE(64, "DataType"),
    VIEW(128, "View");

    private final int value;
    private final String displayName;

    NodeClass(int value, String displayName) {
        this.value = value;
        this.displayName = displayName;
    }

    /** As the specification writes it. */
    public String displayName() {
        return displayName;
    }

    /** As it is sent: 1, 2, 4 … 128. */
    public int value() {
        return value;
    }

    /** Whether a node of this class has a type definition: the instances have (Part 3, 5.5.1 and 5.6.2). */
    public boolean hasTypeDefinition() {
        return this == OBJECT || this == VARIABLE;
    }

    /** The class of this number. */
    public static Optional<NodeClass> of(int value) {
        return Arrays.stream(values())
                .filter(nodeClass -> nodeClass.value == value)
                .findFirst();
    }

    /** All of them, as the specification writes them. */
    public static List<String> names() {
        return Arrays.stream(values()).map(NodeClass::displayName).toList();
    }
}
