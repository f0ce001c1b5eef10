package io.github.opcuasm.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is logged, how and where.
 *
 * @param file null = standard error
 */
record LogSettings(
        Threshold threshold, Format format, @Nullable Path file) {
    static final LogSettings DEFAULTS = new LogSettings(Threshold.INFO, Format.TEXT, null);

    /** The least level that is shown. */
    enum Threshold {
        DEBUG,
        INFO,
        NOTICE,
        WARNING,
        ERROR
    }

    enum Format {
        TEXT,
        JSON
    }

    /** The constant of an option's value, in lower case and with hyphens as the command line has it. */
    static <E extends Enum<E>> E choice(Class<E> type, String text) {
        StringBuilder names = new StringBuilder();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) {
                return constant;
            }
            names.append(names.length() == 0 ? "" : ", ").append(name);
        }
        throw new IllegalArgumentException("got " + text + ", expected one of " + names);
    }
}
