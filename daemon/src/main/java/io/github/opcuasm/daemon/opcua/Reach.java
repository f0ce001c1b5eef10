package io.github.opcuasm.daemon.opcua;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaServiceFaultException;
import org.jspecify.annotations.Nullable;

/** What an attempt to connect tells of the server, whatever it tells of the session. */
enum Reach {
    /** The server lives: it granted the session, or refused it, or showed that it is not the one we mean. */
    REACHED,
    /** It is not there, does not answer at all, or says that it takes nobody now. */
    NOT_REACHED,
    /** It opened a channel, then was silent or closed it: it went away meanwhile, or does that to this session alone. */
    BROKEN_OFF,
    /** Nothing: the attempt ended on our side before the server could say anything, or gave it no time to. */
    UNDECIDED;

    /** Whoever gives a server less time for an answer learns nothing from its silence. */
    private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);

    /** Answers of servers that are not ready for anybody. */
    private static final Set<Long> CLOSED_FOR_ALL =
            Set.of(StatusCodes.Bad_TcpServerTooBusy, StatusCodes.Bad_ServerHalted, StatusCodes.Bad_Shutdown);

    /** What we say ourselves of a connection that brings no answer. */
    private static final Set<Long> SILENT = Set.of(
            StatusCodes.Bad_Timeout,
            StatusCodes.Bad_ConnectionClosed,
            StatusCodes.Bad_CommunicationError,
            StatusCodes.Bad_SecureChannelClosed);

    /** Whether the server seems to be away, for all. */
    boolean isAway() {
        return this == NOT_REACHED || this == BROKEN_OFF;
    }

    /**
     * Judges how an attempt ended.
     *
     * @param failure null if there is a session
     * @param asked whether the server was asked for its endpoints: what we object to then is its answer
     * @param opened whether it had opened a channel: ditto
     * @param step how long it had for each answer
     */
    static Reach of(@Nullable Throwable failure, boolean asked, boolean opened, Duration step) {
        if (failure == null) {
            return REACHED;
        }
        Reach ifOurs = asked || opened ? REACHED : UNDECIDED;
        Throwable cause = OpcUaErrors.unwrap(failure);
        if (cause instanceof CommandException command) {
            Throwable inner = command.getCause();
            if (command.type() == ErrorType.CONNECTION) {
                return inner == null ? silence(false, opened, step) : of(inner, asked, opened, step);
            }
            return ofCommand(command, ifOurs);
        }
        if (cause instanceof UaException status) {
            long code = status.getStatusCode().getValue();
            if (CLOSED_FOR_ALL.contains(code)) {
                return NOT_REACHED;
            }
            boolean answer = status instanceof UaServiceFaultException || status instanceof ServerErrorException;
            return answer || !SILENT.contains(code) ? REACHED : silence(code == StatusCodes.Bad_Timeout, opened, step);
        }
        return cause instanceof IOException ? silence(cause instanceof ConnectTimeoutException, opened, step) : ifOurs;
    }

    private static Reach silence(boolean timedOut, boolean opened, Duration step) {
        return timedOut && step.compareTo(SHORTEST_STEP) < 0 ? UNDECIDED : opened ? BROKEN_OFF : NOT_REACHED;
    }

    private static Reach ofCommand(CommandException failure, Reach ifOurs) {
        if (failure.type() == ErrorType.OVERLOADED || failure.type() == ErrorType.ACCESS_DENIED) {
            return UNDECIDED;
        }
        Long status = failure.statusCode();
        if (status != null) {
            return CLOSED_FOR_ALL.contains(status) ? NOT_REACHED : REACHED;
        }
        return ifOurs;
    }
}
