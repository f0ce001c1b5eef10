package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.opcuasm.protocol.type.DateTime;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MailboxTest {
    private final ManagedSubscription first = ManagedSubscriptionTest.subscription(1);
    private final ManagedSubscription second = ManagedSubscriptionTest.subscription(2);
    private final Mailbox mailbox = new Mailbox();

    @Test
    void oldestMessageOfWhatIsWantedComesFirst() {
        put(message(first, 1, 0));
        put(message(second, 1, 0));
        put(message(second, 2, 0));

        assertThat(take(of -> of == second)).isEqualTo(message(second, 1, 0));
        assertThat(take(of -> true)).isEqualTo(message(first, 1, 0));
        assertThat(mailbox.take(of -> of == first)).isNull();
        assertThat(take(of -> true)).isEqualTo(message(second, 2, 0));
        assertThat(mailbox.size()).isZero();
    }

    @Test
    void oldestMakeRoomWhenThereAreTooMany() {
        for (int number = 1; number <= Mailbox.MAX_MESSAGES; number++) {
            assertThat(put(message(first, number, 0))).isTrue();
        }

        boolean fitted = put(message(first, Mailbox.MAX_MESSAGES + 1, 0));

        assertThat(fitted).isFalse();
        assertThat(mailbox.dropped()).isEqualTo(1);
        assertThat(mailbox.size()).isEqualTo(Mailbox.MAX_MESSAGES);
        assertThat(take(of -> true)).isEqualTo(message(first, 2, 0));
    }

    @Test
    void oldestMakeRoomWhenTheyAreTooLarge() {
        int half = (int) Mailbox.MAX_BYTES / 2;
        put(message(first, 1, half));
        put(message(first, 2, half));

        put(message(first, 3, half));

        assertThat(mailbox.size()).isEqualTo(1);
        assertThat(mailbox.dropped()).isEqualTo(2);
        assertThat(take(of -> true)).isEqualTo(message(first, 3, half));
    }

    @Test
    void whatIsLargerThanTheMailboxIsKeptAlone() {
        put(message(first, 1, 10));

        put(message(first, 2, (int) Mailbox.MAX_BYTES * 2));

        assertThat(mailbox.size()).isEqualTo(1);
        assertThat(take(of -> true)).isEqualTo(message(first, 2, (int) Mailbox.MAX_BYTES * 2));
        // Its bytes left with it.
        put(message(first, 3, 10));
        put(message(first, 4, 10));
        assertThat(mailbox.size()).isEqualTo(2);
    }

    @Test
    void messagesOfOneSubscriptionAreTakenTogether() {
        put(message(first, 1, 0));
        put(message(second, 1, 0));
        put(message(first, 2, 0));

        List<Message> taken = mailbox.takeAll(first);

        assertThat(taken)
                .containsExactly(
                        message(first, 1, 0).message(), message(first, 2, 0).message());
        assertThat(mailbox.size()).isEqualTo(1);
    }

    private boolean put(Mailbox.Waiting waiting) {
        return mailbox.put(waiting.subscription(), waiting.message());
    }

    private Mailbox.@Nullable Waiting take(Predicate<ManagedSubscription> wanted) {
        return mailbox.take(wanted);
    }

    private static Mailbox.Waiting message(ManagedSubscription subscription, long sequenceNumber, int bytes) {
        ExtensionObject data = ExtensionObject.of(
                ByteString.of(new byte[bytes]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new Mailbox.Waiting(subscription, new Message(0, sequenceNumber, new DateTime(1), false, List.of(data)));
    }
}
