package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.aggregate.ProcessingIntervals;
import io.github.opcuasm.daemon.service.AggregateOptions;
import io.github.opcuasm.daemon.service.AggregateService;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.NearestName;
import io.github.opcuasm.protocol.json.JsonValue;
import io.github.opcuasm.protocol.type.AggregateFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods that make aggregates of values. */
final class AggregateMethods {
    private static final List<AggregateFunction> FUNCTIONS = List.of(AggregateFunction.values());
    private static final List<AggregateOptions.Calculator> CALCULATORS =
            List.of(AggregateOptions.Calculator.SERVER, AggregateOptions.Calculator.DAEMON);
    private static final List<String> MEMBERS = List.of(
            "treatUncertainAsBad",
            "percentDataBad",
            "percentDataGood",
            "useSlopedExtrapolation",
            "stepped",
            "calculatedBy");
    private static final List<String> CALCULATOR_NAMES = List.of("server", "daemon");

    private final AggregateService aggregates;

    AggregateMethods(AggregateService aggregates) {
        this.aggregates = aggregates;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading6("aggregate", (context, p) -> {
            Argument configuration = p.get(5, "configuration");
            AggregateOptions options = options(configuration);
            if (options.calculatedBy() == AggregateOptions.Calculator.SERVER) {
                throw configuration
                        .member("calculatedBy")
                        .misfit("daemon, or nothing: aggregate asks no server, historyAggregate does");
            }
            return aggregates.aggregate(
                    p.get(0, "items").requiredList().stream()
                            .map(Argument::dataValue)
                            .toList(),
                    intervals(p),
                    function(p.get(4, "function")),
                    options);
        });
        rows.reading6(
                "historyAggregate",
                (context, p) -> aggregates.historyAggregate(
                        context,
                        p.get(0, "nodeId").nodeId(),
                        intervals(p),
                        function(p.get(4, "function")),
                        options(p.get(5, "configuration"))));
    }

    private static ProcessingIntervals intervals(Params p) {
        return ProcessingIntervals.of(
                p.get(1, "startTime").dateTime(),
                p.get(2, "endTime").dateTime(),
                p.get(3, "processingInterval").number(0));
    }

    private static AggregateFunction function(Argument function) {
        return named(function, AggregateFunction.wireNames(), FUNCTIONS);
    }

    /** By name alone: what its number is, nobody knows by heart. */
    private static <T> T named(Argument argument, List<String> names, List<T> values) {
        if (argument.isAbsent() || !(argument.raw() instanceof JsonValue.Str)) {
            throw argument.misfit("one of " + String.join(", ", names));
        }
        return values.get(argument.named(names, 0));
    }

    private static AggregateOptions options(Argument configuration) {
        if (configuration.isAbsent()) {
            return AggregateOptions.NONE;
        }
        Argument calculatedBy = configuration.member("calculatedBy");
        refuseOthers(configuration);
        return new AggregateOptions(
                flagOrNull(configuration.member("treatUncertainAsBad")),
                configuration.member("percentDataBad").wholeOrNull(0, 100),
                configuration.member("percentDataGood").wholeOrNull(0, 100),
                flagOrNull(configuration.member("useSlopedExtrapolation")),
                flagOrNull(configuration.member("stepped")),
                calculatedBy.isAbsent() ? null : named(calculatedBy, CALCULATOR_NAMES, CALCULATORS));
    }

    /** All members are optional: one with a typing error would do nothing, without a sign. */
    private static void refuseOthers(Argument configuration) {
        JsonValue.Obj object = configuration.raw().asObject();
        if (object == null) {
            return;
        }
        for (String name : object.members().keySet()) {
            if (!MEMBERS.contains(name)) {
                throw CommandException.invalidArgument(
                        configuration.name(),
                        "the member " + new JsonValue.Str(name).excerpt(),
                        "no others than " + String.join(", ", MEMBERS)
                                + NearestName.to(name, MEMBERS)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse(""));
            }
        }
    }

    private static @Nullable Boolean flagOrNull(Argument flag) {
        return flag.isAbsent() ? null : flag.flag(false);
    }
}
