package io.github.opcuasm.client;

import java.util.function.IntSupplier;

/** Which references a browse follows (Part 4, 7.5). */
public enum BrowseDirection implements IntSupplier {
    FORWARD(0),
    INVERSE(1),
    BOTH(2);

    private final int number;

    BrowseDirection(int number) {
        this.number = number;
    }

    /** The number, 0 to 2. */
    @Override
    public int getAsInt() {
        return number;
    }
}
