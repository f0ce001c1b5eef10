package io.github.opcuasm.client;

import java.util.function.IntSupplier;

/** What a monitored item does (Part 4, 7.23). */
public enum MonitoringMode implements IntSupplier {
    DISABLED(0),
    /** Takes values, and reports them only when another item triggers it. */
    SAMPLING(1),
    REPORTING(2);

    private final int number;

    MonitoringMode(int number) {
        this.number = number;
    }

    /** The number, 0 to 2. */
    @Override
    public int getAsInt() {
        return number;
    }
}
