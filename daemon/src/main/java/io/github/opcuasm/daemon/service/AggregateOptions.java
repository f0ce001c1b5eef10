package io.github.opcuasm.daemon.service;

import io.github.opcuasm.daemon.aggregate.AggregateConfiguration;
import io.github.opcuasm.protocol.CommandException;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about how an aggregate is made. What it leaves out (null) is up to the node's configuration on the
 * server, else to Part 13's defaults.
 *
 * @param treatUncertainAsBad as in {@link AggregateConfiguration}, and so are the next four
 * @param calculatedBy null = the server if it offers the function, else the daemon
 */
public record AggregateOptions(
        @Nullable Boolean treatUncertainAsBad,
        @Nullable Integer percentDataBad,
        @Nullable Integer percentDataGood,
        @Nullable Boolean useSlopedExtrapolation,
        @Nullable Boolean stepped,
        @Nullable Calculator calculatedBy) {
    /** All is left out. */
    public static final AggregateOptions NONE = new AggregateOptions(null, null, null, null, null, null);

    /** Who calculates. */
    public enum Calculator {
        SERVER,
        DAEMON
    }

    public AggregateOptions {
        if (calculatedBy == Calculator.SERVER && stepped != null) {
            throw CommandException.invalidArgument(
                    "configuration.stepped",
                    String.valueOf(stepped),
                    "nothing beside calculatedBy server: servers go by the node's HA configuration");
        }
    }

    /** Whether it says anything that a server can be told. */
    boolean isForServer() {
        return treatUncertainAsBad != null
                || percentDataBad != null
                || percentDataGood != null
                || useSlopedExtrapolation != null;
    }

    /**
     * What is given, and the rest from {@code otherwise}.
     *
     * @throws CommandException {@code invalid_argument} for percentages that do not go together
     */
    AggregateConfiguration over(AggregateConfiguration otherwise) {
        if (percentDataBad != null && percentDataGood == null) {
            mustFit("percentDataBad", percentDataBad, "percentDataGood", otherwise.percentDataGood());
        } else if (percentDataGood != null && percentDataBad == null) {
            mustFit("percentDataGood", percentDataGood, "percentDataBad", otherwise.percentDataBad());
        }
        return new AggregateConfiguration(
                treatUncertainAsBad == null ? otherwise.treatUncertainAsBad() : treatUncertainAsBad,
                percentDataBad == null ? otherwise.percentDataBad() : percentDataBad,
                percentDataGood == null ? otherwise.percentDataGood() : percentDataGood,
                useSlopedExtrapolation == null ? otherwise.useSlopedExtrapolation() : useSlopedExtrapolation,
                stepped == null ? otherwise.stepped() : stepped);
    }

    private static void mustFit(String name, int given, String otherName, int other) {
        if (!AggregateConfiguration.fit(given, other)) {
            throw CommandException.invalidArgument(
                    "configuration." + name,
                    String.valueOf(given),
                    "at least " + (100 - other) + " beside the node's own " + otherName + ", " + other
                            + ", or both of them");
        }
    }
}
