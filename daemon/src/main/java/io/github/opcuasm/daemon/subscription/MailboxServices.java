package io.github.opcuasm.daemon.subscription;

import java.util.concurrent.Executor;

/** What the mailboxes of one session share. On the session's event loop. */
interface MailboxServices {
    SubscriptionMemory memory();

    MailboxBounds bounds();

    /** The session's. */
    Executor loop();

    /** The ticker's nanoseconds. */
    long now();

    /** Rises with each message of the daemon. */
    long nextArrival();

    /** Runs {@code action} when the present event has been dealt with. */
    void soon(Runnable action);

    /** A subscription of this handle may be another one now, or will be when the present event has been dealt with. */
    void changed(String handleId, ManagedSubscription subscription);
}
