package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;

/** A failed call, with what it was about, and what was perhaps meant instead, or how to go on. */
final class AdvisedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ClientException failure;
    private final String subject;
    private final String advice;
    private final boolean answered;

    /** @param advice words for the end of its message */
    AdvisedException(ClientException failure, String advice) {
        this(failure, "", advice, false);
    }

    /**
     * Of a call on a session.
     *
     * @param subject what it was about, for the beginning of the message; empty if that says so itself
     * @param answered whether this was the only call that could change anything: with what the server answered to it, no
     *     other one is in doubt
     */
    AdvisedException(ClientException failure, String subject, String advice, boolean answered) {
        super(failure.messageText() + advice, failure, false, false);
        this.failure = failure;
        this.subject = subject;
        this.advice = advice;
        this.answered = answered;
    }

    ClientException failure() {
        return failure;
    }

    String subject() {
        return subject;
    }

    String advice() {
        return advice;
    }

    boolean answered() {
        return answered;
    }
}
