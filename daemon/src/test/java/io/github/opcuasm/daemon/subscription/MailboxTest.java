package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.junit.jupiter.api.Test;

final class MailboxTest {
    private final OwnedSubscription first = new OwnedSubscription(1, Duration.ofMinutes(1), List.of());
    private final OwnedSubscription second = new OwnedSubscription(2, Duration.ofMinutes(1), List.of());
    private final Mailbox mailbox = new Mailbox();

    @Test
    void oldestMessageOfWhatIsWantedComesFirst() {
        mailbox.put(message(first, 1, 0));
        mailbox.put(message(second, 1, 0));
        mailbox.put(message(second, 2, 0));

        assertThat(mailbox.take(of -> of == second)).isEqualTo(message(second, 1, 0));
        assertThat(mailbox.take(of -> true)).isEqualTo(message(first, 1, 0));
        assertThat(mailbox.take(of -> of == first)).isNull();
        assertThat(mailbox.take(of -> true)).isEqualTo(message(second, 2, 0));
        assertThat(mailbox.size()).isZero();
    }

    @Test
    void oldestMakeRoomWhenThereAreTooMany() {
        for (int number = 1; number <= Mailbox.MAX_MESSAGES; number++) {
            assertThat(mailbox.put(message(first, number, 0))).isTrue();
        }

        boolean fitted = mailbox.put(message(first, Mailbox.MAX_MESSAGES + 1, 0));

        assertThat(fitted).isFalse();
        assertThat(mailbox.dropped()).isEqualTo(1);
        assertThat(mailbox.size()).isEqualTo(Mailbox.MAX_MESSAGES);
        assertThat(mailbox.take(of -> true)).isEqualTo(message(first, 2, 0));
    }

    @Test
    void oldestMakeRoomWhenTheyAreTooLarge() {
        int half = (int) Mailbox.MAX_BYTES / 2;
        mailbox.put(message(first, 1, half));
        mailbox.put(message(first, 2, half));

        mailbox.put(message(first, 3, half));

        assertThat(mailbox.size()).isEqualTo(1);
        assertThat(mailbox.dropped()).isEqualTo(2);
        assertThat(mailbox.take(of -> true)).isEqualTo(message(first, 3, half));
    }

    @Test
    void whatIsLargerThanTheMailboxIsKeptAlone() {
        mailbox.put(message(first, 1, 10));

        mailbox.put(message(first, 2, (int) Mailbox.MAX_BYTES * 2));

        assertThat(mailbox.size()).isEqualTo(1);
        assertThat(mailbox.take(of -> true)).isEqualTo(message(first, 2, (int) Mailbox.MAX_BYTES * 2));
        // Its bytes left with it.
        mailbox.put(message(first, 3, 10));
        mailbox.put(message(first, 4, 10));
        assertThat(mailbox.size()).isEqualTo(2);
    }

    @Test
    void messagesOfOneSubscriptionAreTakenTogether() {
        mailbox.put(message(first, 1, 0));
        mailbox.put(message(second, 1, 0));
        mailbox.put(message(first, 2, 0));

        List<Message> taken = mailbox.takeAll(first);

        assertThat(taken).containsExactly(message(first, 1, 0), message(first, 2, 0));
        assertThat(mailbox.size()).isEqualTo(1);
    }

    private static Message message(OwnedSubscription subscription, long sequenceNumber, int bytes) {
        ExtensionObject data = ExtensionObject.of(
                ByteString.of(new byte[bytes]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new Message(subscription, sequenceNumber, false, List.of(data));
    }
}
