package io.github.opcuasm.cli;

import io.github.opcuasm.client.RequestFailedException;

/** A failed request, with what was perhaps meant instead: words for the end of the daemon's message. */
final class AdvisedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RequestFailedException failure;
    private final String advice;

    AdvisedException(RequestFailedException failure, String advice) {
        super(failure.messageText() + advice, failure, false, false);
        this.failure = failure;
        this.advice = advice;
    }

    RequestFailedException failure() {
        return failure;
    }

    String advice() {
        return advice;
    }
}
