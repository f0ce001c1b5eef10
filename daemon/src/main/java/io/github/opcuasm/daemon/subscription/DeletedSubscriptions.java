package io.github.opcuasm.daemon.subscription;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.OpcUaSession;
import io.github.opcuasm.daemon.opcua.ServiceCall;
import io.github.opcuasm.daemon.opcua.SessionState;
import java.time.Duration;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes subscriptions that nobody owns any more. Only on the present activation of the session: a new session may give
 * the same id to somebody else. One that is missed is found by its next message, or ends with its lifetime.
 */
final class DeletedSubscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(DeletedSubscriptions.class);
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final OpcUaSession session;
    private final Ticker ticker;

    DeletedSubscriptions(OpcUaSession session, Ticker ticker) {
        this.session = session;
        this.ticker = ticker;
    }

    /** Nobody waits for the answer. */
    void send(List<Long> ids) {
        if (ids.isEmpty() || !(session.state() instanceof SessionState.Active active)) {
            return;
        }
        UInteger[] subscriptionIds = ids.stream().map(id -> uint(id)).toArray(UInteger[]::new);
        session.submit(new ServiceCall<>(
                        DeleteSubscriptionsResponse.class,
                        header -> new DeleteSubscriptionsRequest(header, subscriptionIds),
                        active,
                        ticker.read() + BOUND.toNanos(),
                        0,
                        0))
                .whenComplete((response, failure) -> {
                    if (failure != null) {
                        LOG.debug(
                                "Subscriptions {} could not be deleted: {}",
                                ids,
                                OpcUaErrors.unwrap(failure).toString());
                    }
                });
    }
}
