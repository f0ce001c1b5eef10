package io.github.opcuasm.daemon.opcua;

import java.time.Duration;

/**
 * What an OPC UA session is opened with.
 *
 * @param endpoint the server
 * @param sessionName shown by the server in its diagnostics
 * @param applicationName ditto
 * @param sessionTimeout how long the server shall keep a silent session; it may revise it
 * @param callTimeout bound on each step of the handshake
 */
public record SessionSettings(
        EndpointUrl endpoint,
        String sessionName,
        String applicationName,
        Duration sessionTimeout,
        Duration callTimeout) {}
