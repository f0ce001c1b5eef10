package io.github.opcuasm.cli;

import io.github.opcuasm.client.ClientException;

/** A failed call, with what was perhaps meant instead, or how to go on: words for the end of its message. */
final class AdvisedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ClientException failure;
    private final String advice;

    AdvisedException(ClientException failure, String advice) {
        super(failure.messageText() + advice, failure, false, false);
        this.failure = failure;
        this.advice = advice;
    }

    ClientException failure() {
        return failure;
    }

    String advice() {
        return advice;
    }
}
