package io.github.opcuasm.daemon.subscription;

import java.time.Duration;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the server made of {@link SubscriptionParameters} (Part 4, 5.14.2).
 *
 * @param publishingInterval milliseconds
 * @param lifetimeCount publishing intervals without a Publish request, after which the server ends the subscription
 * @param maxKeepAliveCount publishing intervals without a change, after which it says that it is there
 */
public record GrantedParameters(double publishingInterval, long lifetimeCount, long maxKeepAliveCount) {
    /** Of a subscription that came from elsewhere, whose real ones are unknown: a lifetime of 20 minutes. */
    static final GrantedParameters UNKNOWN = new GrantedParameters(500, 2_400, 10);

    private static final Duration LONGEST = Duration.ofDays(365);

    /** What an answer grants; what it leaves out, and an interval that is no number, count as 0. */
    public static GrantedParameters of(CreateSubscriptionResponse response) {
        Double interval = response.getRevisedPublishingInterval();
        return new GrantedParameters(
                interval == null || !Double.isFinite(interval) ? 0 : interval,
                number(response.getRevisedLifetimeCount()),
                number(response.getRevisedMaxKeepAliveCount()));
    }

    private static long number(@Nullable UInteger number) {
        return number == null ? 0 : number.longValue();
    }

    /** How long it lasts without a Publish request. */
    public Duration lifetime() {
        return duration(publishingInterval * lifetimeCount);
    }

    /** How long it may be silent. */
    public Duration keepAliveTime() {
        return duration(publishingInterval * maxKeepAliveCount);
    }

    private static Duration duration(double millis) {
        return millis > 0 && millis < LONGEST.toMillis() ? Duration.ofMillis((long) Math.ceil(millis)) : LONGEST;
    }
}
