package io.github.opcuasm.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Subscriptions to the simulator's counter. */
final class Subscriptions {
    private static final Pattern ID = Pattern.compile("\"subscriptionId\":(\\d+)");

    private Subscriptions() {}

    /** Creates one that outlives every outage of a test. */
    static long create(ProtocolPeer peer, String session, int publishingIntervalMillis) throws IOException {
        String answer =
                peer.query(session, "createSubscription", "[" + publishingIntervalMillis + ".0,6000,10,0,true,0]");
        Matcher id = ID.matcher(answer);
        assertThat(id.find()).as(answer).isTrue();
        return Long.parseLong(id.group(1));
    }

    /** Monitors the counter with a queue that takes minutes of it. */
    static void monitorCounter(ProtocolPeer peer, String session, long subscriptionId, long clientHandle)
            throws IOException {
        assertThat(peer.query(
                        session,
                        "createMonitoredItems",
                        "[" + subscriptionId + ",[{\"nodeId\":\"ns=2;s=Produced/Counter\",\"samplingInterval\":10.0,"
                                + "\"queueSize\":60000,\"clientHandle\":" + clientHandle + "}]]"))
                .contains("\"statusCode\":0");
    }
}
