package io.github.opcuasm.daemon.service;

/** Aggregates of raw values (Part 13), where the server has none of its own. */
public final class AggregateService {
    public AggregateService() {}
}
