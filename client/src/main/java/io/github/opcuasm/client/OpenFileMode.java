package io.github.opcuasm.client;

import java.util.EnumSet;
import java.util.List;
import java.util.function.IntSupplier;

/** What a file is opened for (Part 20, 4.2.2): one, or several that belong together. */
public enum OpenFileMode implements IntSupplier {
    READ(1),
    WRITE(2),
    /** Together with {@link #WRITE}: the file is emptied first. */
    ERASE_EXISTING(4),
    /** Together with {@link #WRITE}: begins at the end of the file. */
    APPEND(8);

    private final int number;

    OpenFileMode(int number) {
        this.number = number;
    }

    /** The number, a bit: 1, 2, 4 or 8. */
    @Override
    public int getAsInt() {
        return number;
    }

    /**
     * The bits of several.
     *
     * @throws IllegalArgumentException if there are none
     */
    static int bits(List<OpenFileMode> modes) {
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("modes: got none, expected READ, WRITE, or WRITE with another");
        }
        return EnumSet.copyOf(modes).stream().mapToInt(OpenFileMode::getAsInt).sum();
    }
}
