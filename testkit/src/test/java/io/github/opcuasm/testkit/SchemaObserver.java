package io.github.opcuasm.testkit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks what all probes of a JVM send and receive against docs/schema, whatever their tests look at: each answer and event, and
 * each request that was answered with success. A frame that does not fit fails the test that reads it.
 *
 * <p>The first {@link #ALL} frames of a JVM are checked and then one in {@link #ONE_IN}: load tests send the same thing
 * thousands of times.
 */
public final class SchemaObserver implements ProbeObserver {
    private static final int ALL = 5_000;
    private static final int ONE_IN = 50;

    private final TrafficSchema schema = TrafficSchema.ofRepository();
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();

    @Override
    public Conversation connected() {
        CheckedConversation conversation = new CheckedConversation(schema);
        return new Conversation() {
            @Override
            public void sent(byte[] bytes) {
                conversation.sent(bytes);
            }

            @Override
            public void received(String line) {
                long number = frames.incrementAndGet();
                CheckedConversation.Verdict verdict =
                        conversation.received(line, number <= ALL || number % ONE_IN == 0);
                if (verdict.kind() == CheckedConversation.Kind.SKIPPED) {
                    skipped.incrementAndGet();
                }
                if (!verdict.problems().isEmpty()) {
                    throw new AssertionError("docs/schema does not know this " + verdict.kind() + ": " + line + "\n"
                            + String.join("\n", verdict.problems()));
                }
            }
        };
    }

    /** How many frames came. */
    long frames() {
        return frames.get();
    }

    /** How many of them were not looked into: too large, or one of many. */
    long skipped() {
        return skipped.get();
    }
}
