package io.github.opcuasm.simulator;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;
import org.eclipse.milo.opcua.stack.core.types.structured.CallMethodResult;
import org.jspecify.annotations.Nullable;

/**
 * A method's signature and what it does. Its arguments are checked as Part 4, 5.12.2 has it: their number first
 * (Bad_ArgumentsMissing, Bad_TooManyArguments), then each one's type and rank; a wrong one makes the call
 * Bad_InvalidArgument and its own result Bad_TypeMismatch.
 *
 * @param required how many of the inputs a client has to give; those after it are optional
 */
record SimulatedMethod(
        String name,
        List<Argument> inputs,
        int required,
        List<Argument> outputs,
        boolean executable,
        boolean userExecutable,
        Behaviour behaviour) {
    private static final DiagnosticInfo[] NO_DIAGNOSTICS = new DiagnosticInfo[0];
    private static final StatusCode TYPE_MISMATCH = new StatusCode(StatusCodes.Bad_TypeMismatch);

    /** What a method does with arguments that were checked. It never blocks. */
    @FunctionalInterface
    interface Behaviour {
        /**
         * The values of the outputs, now or later.
         *
         * @param session who calls
         * @throws UaException with the status of the call
         */
        CompletableFuture<List<Variant>> call(Session session, List<Variant> arguments) throws UaException;
    }

    static SimulatedMethod of(String name, List<Argument> inputs, List<Argument> outputs, Behaviour behaviour) {
        return new SimulatedMethod(name, inputs, inputs.size(), outputs, true, true, behaviour);
    }

    static Argument scalar(String name, OpcUaDataType type, String description) {
        return argument(name, type.getNodeId(), ValueRanks.Scalar, description);
    }

    static Argument argument(String name, NodeId dataType, int valueRank, String description) {
        return new Argument(name, dataType, valueRank, null, LocalizedText.english(description));
    }

    /** Why the method cannot be called with these arguments, or null if it can. */
    @Nullable
    CallMethodResult refusal(List<Variant> arguments) {
        if (!executable) {
            return failed(StatusCodes.Bad_NotExecutable);
        }
        if (!userExecutable) {
            return failed(StatusCodes.Bad_UserAccessDenied);
        }
        if (arguments.size() < required) {
            return failed(StatusCodes.Bad_ArgumentsMissing);
        }
        if (arguments.size() > inputs.size()) {
            return failed(StatusCodes.Bad_TooManyArguments);
        }
        StatusCode[] results = new StatusCode[arguments.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] =
                    fits(inputs.get(i), arguments.get(i).value(), arguments.get(i)) ? StatusCode.GOOD : TYPE_MISMATCH;
        }
        return Arrays.stream(results).allMatch(StatusCode::isGood) ? null : invalid(results);
    }

    static CallMethodResult failed(long status) {
        return failed(new StatusCode(status));
    }

    static CallMethodResult failed(StatusCode status) {
        return new CallMethodResult(status, new StatusCode[0], NO_DIAGNOSTICS, new Variant[0]);
    }

    static CallMethodResult invalid(StatusCode... argumentResults) {
        return new CallMethodResult(
                new StatusCode(StatusCodes.Bad_InvalidArgument), argumentResults, NO_DIAGNOSTICS, new Variant[0]);
    }

    /** A null has no type: it fits where any value does, and where the type has a null of its own. */
    private static boolean fits(Argument argument, @Nullable Object value, Variant variant) {
        boolean any = NodeIds.BaseDataType.equals(argument.getDataType());
        if (value == null) {
            return any
                    || NodeIds.String.equals(argument.getDataType())
                    || NodeIds.ByteString.equals(argument.getDataType());
        }
        boolean array = value instanceof Matrix || value.getClass().isArray();
        if (argument.getValueRank() == ValueRanks.Scalar && array) {
            return false;
        }
        return any
                || variant.getDataType()
                        .map(type -> type.getNodeId().equals(argument.getDataType()))
                        .orElse(false);
    }
}
