package io.github.opcuasm.client;

import java.util.function.IntSupplier;

/** The attributes of nodes (Part 6, A.1). */
public enum AttributeId implements IntSupplier {
    NODE_ID(1),
    NODE_CLASS(2),
    BROWSE_NAME(3),
    DISPLAY_NAME(4),
    DESCRIPTION(5),
    WRITE_MASK(6),
    USER_WRITE_MASK(7),
    IS_ABSTRACT(8),
    SYMMETRIC(9),
    INVERSE_NAME(10),
    CONTAINS_NO_LOOPS(11),
    EVENT_NOTIFIER(12),
    VALUE(13),
    DATA_TYPE(14),
    VALUE_RANK(15),
    ARRAY_DIMENSIONS(16),
    ACCESS_LEVEL(17),
    USER_ACCESS_LEVEL(18),
    MINIMUM_SAMPLING_INTERVAL(19),
    HISTORIZING(20),
    EXECUTABLE(21),
    USER_EXECUTABLE(22),
    DATA_TYPE_DEFINITION(23),
    ROLE_PERMISSIONS(24),
    USER_ROLE_PERMISSIONS(25),
    ACCESS_RESTRICTIONS(26),
    ACCESS_LEVEL_EX(27);

    private final int number;

    AttributeId(int number) {
        this.number = number;
    }

    /** The number, 1 to 27. */
    public int id() {
        return number;
    }

    @Override
    public int getAsInt() {
        return id();
    }
}
