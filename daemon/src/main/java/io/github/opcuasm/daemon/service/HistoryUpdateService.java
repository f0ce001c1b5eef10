package io.github.opcuasm.daemon.service;

/** HistoryUpdate of one node (Part 4, 5.11.5; Part 11, 6.9). */
public final class HistoryUpdateService {
    public HistoryUpdateService() {}
}
