package io.github.opcuasm.daemon.aggregate;

import io.github.opcuasm.protocol.CommandException;

/**
 * How aggregates judge and join raw values (Part 13, 4.2.1.2), and whether the values hold until the next one (Part 11,
 * Stepped of the HA configuration).
 *
 * @param treatUncertainAsBad whether Uncertain raw values count as Bad ones
 * @param percentDataBad 0 to 100: from this share of Bad values on, a result is Bad
 * @param percentDataGood 0 to 100: from this share of Good values on, a result is Good
 * @param useSlopedExtrapolation whether the line of the last two values goes on behind them; else the last one holds
 * @param stepped whether a value holds until the next one; else it goes there in a straight line
 */
public record AggregateConfiguration(
        boolean treatUncertainAsBad,
        int percentDataBad,
        int percentDataGood,
        boolean useSlopedExtrapolation,
        boolean stepped) {
    /** Where nobody says otherwise. */
    public static final AggregateConfiguration DEFAULT = new AggregateConfiguration(true, 100, 100, false, false);

    public AggregateConfiguration {
        percent("percentDataBad", percentDataBad);
        percent("percentDataGood", percentDataGood);
        if (!fit(percentDataBad, percentDataGood)) {
            throw CommandException.invalidArgument(
                    "percentDataGood",
                    String.valueOf(percentDataGood),
                    "at least 100 - percentDataBad, which is " + (100 - percentDataBad));
        }
    }

    /** Whether a share of Good values is enough and one of Bad values too much for nothing in between. */
    public static boolean fit(int percentDataBad, int percentDataGood) {
        return percentDataGood >= 100 - percentDataBad;
    }

    private static void percent(String name, int value) {
        if (value < 0 || value > 100) {
            throw CommandException.invalidArgument(name, String.valueOf(value), "0 to 100");
        }
    }
}
