package io.github.opcuasm.client;

import java.util.Optional;
import java.util.function.IntSupplier;

/** What was done to a value of history (Part 11, 6.6.3). */
public enum HistoryUpdateType implements IntSupplier {
    INSERT(1),
    REPLACE(2),
    UPDATE(3),
    DELETE(4);

    private final int number;

    HistoryUpdateType(int number) {
        this.number = number;
    }

    /** The number, 1 to 4. */
    @Override
    public int getAsInt() {
        return number;
    }

    /** Empty for a number that says nothing. */
    static Optional<HistoryUpdateType> of(int number) {
        return number >= 1 && number <= values().length ? Optional.of(values()[number - 1]) : Optional.empty();
    }
}
