package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.ipc.Exchange;
import io.github.opcuasm.daemon.ipc.Incident;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.Outcome;
import io.github.opcuasm.protocol.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a request is answered with that failed: with one of the protocol's errors, or with a defect of ours. */
final class FailureAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(FailureAnswers.class);

    private FailureAnswers() {}

    /** @param changesPlant whether the answer says what is known of the effect */
    static Response to(Exchange exchange, Throwable cause, boolean changesPlant) {
        if (cause instanceof CommandException command) {
            return new Response.Failure(changesPlant ? notSentUnlessKnown(command) : command);
        }
        CommandException error = Incident.report(LOG, exchange.peer().connectionId(), cause);
        return new Response.Failure(changesPlant ? error.withOutcome(Outcome.UNKNOWN) : error);
    }

    /** Everything that fails after bytes may have left says so itself. */
    private static CommandException notSentUnlessKnown(CommandException e) {
        return e.outcome() == null ? e.withOutcome(Outcome.NOT_SENT) : e;
    }
}
