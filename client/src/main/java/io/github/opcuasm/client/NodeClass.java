package io.github.opcuasm.client;

import java.util.function.IntSupplier;

/** What kind of node a node is (Part 3, 8.29). */
public enum NodeClass implements IntSupplier {
    OBJECT(1),
    VARIABLE(2),
    METHOD(4),
    OBJECT_TYPE(8),
    VARIABLE_TYPE(16),
    REFERENCE_TYPE(32),
    DATA_TYPE(64),
    VIEW(128);

    private final int number;

    NodeClass(int number) {
        this.number = number;
    }

    /** The number, a bit: 1 Object, 2 Variable, 4 Method … 128 View. */
    @Override
    public int getAsInt() {
        return number;
    }
}
