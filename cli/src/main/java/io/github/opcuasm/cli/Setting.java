package io.github.opcuasm.cli;

import java.util.List;

/** One option with its values and where they were found. */
record Setting(DaemonOption option, List<String> values, Origin origin) {

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
