package io.github.opcuasm.daemon.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.Arrays;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.DiagnosticInfo;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ResponseHeader;
import org.junit.jupiter.api.Test;

final class EarlyMessagesTest {
    private final EarlyMessages early = new EarlyMessages();

    @Test
    void messagesOfOneSubscriptionAreTakenInTheirOrder() {
        PublishResponse first = message(1, 1, 0);
        PublishResponse others = message(2, 1, 0);
        PublishResponse second = message(1, 2, 0);
        List.of(first, others, second).forEach(early::add);

        assertThat(early.takeAll(1)).containsExactly(first, second);
        assertThat(early.takeAll(1)).isEmpty();
        assertThat(early.takeAll()).containsExactly(others);
        assertThat(early.takeAll()).isEmpty();
    }

    @Test
    void messagesAreBoundedInNumber() {
        for (int number = 1; number <= EarlyMessages.MAX_MESSAGES; number++) {
            assertThat(early.add(message(1, number, 0))).isTrue();
        }

        assertThat(early.add(message(1, 100, 0))).isFalse();
        assertThat(early.takeAll()).hasSize(EarlyMessages.MAX_MESSAGES);
    }

    @Test
    void messagesAreBoundedInBytesAndRoomIsGivenBack() {
        int half = (int) EarlyMessages.MAX_BYTES / 2;
        early.add(message(1, 1, half));

        boolean fitted = early.add(message(2, 1, half));
        List<PublishResponse> kept = early.takeAll(1);
        boolean fitsNow = early.add(message(2, 1, half));

        assertThat(fitted).isFalse();
        assertThat(kept).hasSize(1);
        assertThat(fitsNow).isTrue();
    }

    @Test
    void sequenceNumbersTakeRoomToo() {
        UInteger[] many = new UInteger[(int) EarlyMessages.MAX_BYTES / 8];
        Arrays.fill(many, uint(1));
        early.add(message(1, 1, 0));

        assertThat(early.add(message(1, 2, 0, many))).isFalse();
    }

    @Test
    void messageThatIsTooLargeIsKeptAlone() {
        assertThat(early.add(message(1, 1, 2 * (int) EarlyMessages.MAX_BYTES))).isTrue();
        assertThat(early.add(message(1, 2, 0))).isFalse();

        early.clear();

        assertThat(early.add(message(1, 2, 0))).isTrue();
    }

    private static PublishResponse message(long subscriptionId, long sequenceNumber, int bytes) {
        return message(subscriptionId, sequenceNumber, bytes, new UInteger[0]);
    }

    private static PublishResponse message(
            long subscriptionId, long sequenceNumber, int bytes, UInteger[] availableSequenceNumbers) {
        ExtensionObject data = ExtensionObject.of(
                ByteString.of(new byte[bytes]), NodeIds.DataChangeNotification_Encoding_DefaultBinary);
        return new PublishResponse(
                new ResponseHeader(DateTime.now(), uint(0), StatusCode.GOOD, null, null, null),
                uint(subscriptionId),
                availableSequenceNumbers,
                false,
                new NotificationMessage(uint(sequenceNumber), DateTime.now(), new ExtensionObject[] {data}),
                new StatusCode[0],
                new DiagnosticInfo[0]);
    }
}
