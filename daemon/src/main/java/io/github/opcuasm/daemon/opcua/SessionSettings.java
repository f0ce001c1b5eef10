package io.github.opcuasm.daemon.opcua;

import java.time.Duration;

/**
 * What an OPC UA session is opened with.
 *
 * @param endpoint the server
 * @param sessionName shown by the server in its diagnostics
 * @param applicationName ditto
 * @param sessionTimeout how long the server shall keep a silent session; it may revise it
 * @param callTimeout bound on each step of the first handshake
 * @param addresses where it may connect to
 * @param security of the channel, and as whom it is activated
 */
public record SessionSettings(
        EndpointUrl endpoint,
        String sessionName,
        String applicationName,
        Duration sessionTimeout,
        Duration callTimeout,
        AddressFilter addresses,
        SecuritySettings security) {
    private static final Duration SHORTEST_RECOVERY_STEP = Duration.ofSeconds(1);
    private static final Duration LONGEST_RECOVERY_STEP = Duration.ofSeconds(5);

    /**
     * The same for probing and restoring the session. Callers with other timeouts may have come to share it, so the first
     * one's counts only between bounds that suit a reconnection.
     */
    SessionSettings forRecovery() {
        Duration step = callTimeout.compareTo(SHORTEST_RECOVERY_STEP) < 0
                ? SHORTEST_RECOVERY_STEP
                : callTimeout.compareTo(LONGEST_RECOVERY_STEP) > 0 ? LONGEST_RECOVERY_STEP : callTimeout;
        return new SessionSettings(endpoint, sessionName, applicationName, sessionTimeout, step, addresses, security);
    }
}
