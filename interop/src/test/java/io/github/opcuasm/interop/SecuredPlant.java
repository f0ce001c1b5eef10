package io.github.opcuasm.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.opcuasm.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A secured server that can be restarted, whoever wrote it. */
interface SecuredPlant extends AutoCloseable {
    /** Channels live so long at most; what is left at a renewal, a sixth or more, has to do for those of all sessions. */
    Duration CHANNEL_LIFETIME = Duration.ofSeconds(18);

    String url();

    /** The id of a writable Int32. */
    String node();

    boolean offers(SecurityCombination combination);

    /** ActivateSession requests that were good, since the last start. */
    long activations(ScriptSession any) throws IOException;

    /** Renewals of channels since the last start. */
    long renewals(ScriptSession any) throws IOException;

    /** Ends the server and starts it again on the same port. */
    void restart() throws IOException, InterruptedException;

    @Override
    void close();

    /** The simulator. */
    static SecuredPlant simulator(UserFiles users) {
        Simulator simulator = Simulator.builder()
                .secured(security -> security.user(UserFiles.NAME, UserFiles.PASSWORD)
                        .userCertificate(users.user().certificate()))
                .build();
        simulator.limits().channelLifetime(CHANNEL_LIFETIME);
        simulator.start();
        return new SecuredPlant() {
            private long activationsBefore;
            private long renewalsBefore;

            @Override
            public String url() {
                return simulator.endpointUrl();
            }

            @Override
            public String node() {
                return "ns=2;s=Scalars/Int32";
            }

            @Override
            public boolean offers(SecurityCombination combination) {
                return true;
            }

            @Override
            public long activations(ScriptSession any) {
                return simulator.counters().sessionsActivated() - activationsBefore;
            }

            @Override
            public long renewals(ScriptSession any) {
                return simulator.counters().renewals() - renewalsBefore;
            }

            @Override
            public void restart() {
                simulator.stop();
                activationsBefore = simulator.counters().sessionsActivated();
                renewalsBefore = simulator.counters().renewals();
                simulator.start();
            }

            @Override
            public void close() {
                simulator.close();
            }
        };
    }

    /** The server of {@code secured.mjs}. */
    static SecuredPlant nodeOpcUa(UserFiles users, Path pki) throws IOException, InterruptedException {
        NodeServer server = NodeServer.start(
                NodeServer.Script.SECURED,
                pki,
                "--user-certificate",
                users.certificate().toString(),
                "--lifetime",
                Long.toString(CHANNEL_LIFETIME.toMillis()));
        return new SecuredPlant() {
            @Override
            public String url() {
                return server.url();
            }

            @Override
            public String node() {
                return "ns=2;s=Value";
            }

            @Override
            public boolean offers(SecurityCombination combination) {
                return combination.policy() != SecurityCombination.Policy.Basic128Rsa15;
            }

            @Override
            public long activations(ScriptSession any) throws IOException {
                return count(any, "ActivateSession");
            }

            @Override
            public long renewals(ScriptSession any) throws IOException {
                return count(any, "Renewals");
            }

            private static long count(ScriptSession any, String name) throws IOException {
                JsonNode read = any.read("ns=2;s=" + name);
                return read.get("value").longValue();
            }

            @Override
            public void restart() throws IOException, InterruptedException {
                server.kill();
                server.restart();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }
}
