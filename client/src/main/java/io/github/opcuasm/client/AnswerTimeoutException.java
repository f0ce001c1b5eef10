package io.github.opcuasm.client;

import io.github.opcuasm.protocol.Outcome;

/** The daemon did not answer in time. What was sent may still be carried out. */
public final class AnswerTimeoutException extends ClientException {
    private static final long serialVersionUID = 1L;

    AnswerTimeoutException(String message, Outcome outcome) {
        super(message, outcome, null);
    }
}
