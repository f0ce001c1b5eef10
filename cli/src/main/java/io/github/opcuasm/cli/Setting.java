package io.github.opcuasm.cli;

import java.util.List;

/**
 * One option with its values and where they were found.
 *
 * @param written the values as their author wrote them: what may be shown where a value came from a variable or a file
 */
record Setting(DaemonOption option, List<String> values, Origin origin, List<String> written) {

    /** Values that stand where they were found. */
    Setting(DaemonOption option, List<String> values, Origin origin) {
        this(option, values, origin, values);
    }

    /** Whether a value came from a variable or a file: it must not be shown then, not even in an error. */
    boolean isConcealed() {
        return !values.equals(written);
    }

    /** Where a setting comes from; decides the exit code of a wrong one and how it is named. */
    sealed interface Origin {
        /** The setting as its author wrote it, for messages. */
        String name(DaemonOption option);

        record CommandLine() implements Origin {
            @Override
            public String name(DaemonOption option) {
                return "--" + option.longName();
            }
        }

        record Environment(String variable) implements Origin {
            @Override
            public String name(DaemonOption option) {
                return variable;
            }
        }

        record ConfigFile(String file, int line) implements Origin {
            @Override
            public String name(DaemonOption option) {
                return file + ":" + line + ": " + option.longName();
            }
        }

        record Default() implements Origin {
            @Override
            public String name(DaemonOption option) {
                return option.longName();
            }
        }
    }

    /** The exception that refuses this setting. */
    RuntimeException refuse(String reason) {
        String message = origin.name(option) + ": " + reason;
        return origin instanceof Origin.CommandLine ? new UsageException(message) : new ConfigurationException(message);
    }
}
