package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.jspecify.annotations.Nullable;

/** What an attempt to connect tells of the server, whatever it tells of the session. */
enum Reach {
    /** The server lives: it granted the session, or refused it, or showed that it is not the one we mean. */
    REACHED,
    /** It is not there, does not answer in time, went away meanwhile, or says that it takes nobody now. */
    NOT_REACHED,
    /** Nothing: the attempt ended on our side before the server could say anything. */
    UNDECIDED;

    /** Answers of servers that are not ready for anybody. */
    private static final Set<Long> CLOSED_FOR_ALL =
            Set.of(StatusCodes.Bad_TcpServerTooBusy, StatusCodes.Bad_ServerHalted, StatusCodes.Bad_Shutdown);

    /** What we say ourselves of a connection that brings no answer. */
    private static final Set<Long> SILENT = Set.of(
            StatusCodes.Bad_Timeout,
            StatusCodes.Bad_ConnectionClosed,
            StatusCodes.Bad_CommunicationError,
            StatusCodes.Bad_SecureChannelClosed);

    /**
     * Judges how an attempt ended.
     *
     * @param failure null if there is a session
     * @param heard whether the server was asked for its endpoints, or had opened a channel: what we object to then is its
     *     answer
     */
    static Reach of(@Nullable Throwable failure, boolean heard) {
        if (failure == null) {
            return REACHED;
        }
        Throwable cause = OpcUaErrors.unwrap(failure);
        if (cause instanceof CommandException command) {
            return ofCommand(command, heard);
        }
        if (cause instanceof RejectedExecutionException) {
            return heard ? REACHED : UNDECIDED;
        }
        if (cause instanceof UaException status) {
            long code = status.getStatusCode().getValue();
            boolean answer = status instanceof UaServiceFaultException || status instanceof ServerErrorException;
            return CLOSED_FOR_ALL.contains(code) || (!answer && SILENT.contains(code)) ? NOT_REACHED : REACHED;
        }
        return NOT_REACHED;
    }

    private static Reach ofCommand(CommandException failure, boolean heard) {
        if (failure.type() == ErrorType.CONNECTION) {
            return failure.getCause() == null ? NOT_REACHED : of(failure.getCause(), heard);
        }
        if (failure.type() == ErrorType.OVERLOADED || failure.type() == ErrorType.ACCESS_DENIED) {
            return UNDECIDED;
        }
        Long status = failure.statusCode();
        if (status != null) {
            return CLOSED_FOR_ALL.contains(status) ? NOT_REACHED : REACHED;
        }
        return heard ? REACHED : UNDECIDED;
    }
}
