package io.github.opcuasm.daemon.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointUrlTest {
    @ParameterizedTest
    @CsvSource({
        "opc.tcp://plc1, plc1, 4840, plc1:4840",
        "opc.tcp://plc1:4841, plc1, 4841, plc1:4841",
        "opc.tcp://PLC1.example:1/UA/Server, PLC1.example, 1, plc1.example:1",
        "OPC.TCP://10.0.0.7:65535/, 10.0.0.7, 65535, 10.0.0.7:65535",
        "opc.tcp://[::1]:4840/x, ::1, 4840, [::1]:4840",
        "opc.tcp://[fe80::1]/x, fe80::1, 4840, [fe80::1]:4840",
        "opc.tcp://plc_1:04840, plc_1, 4840, plc_1:4840",
    })
    void takesHostPortAndPath(String text, String host, int port, String server) {
        EndpointUrl url = EndpointUrl.parse(text);

        assertThat(url.text()).isEqualTo(text);
        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
        assertThat(url.server()).isEqualTo(server);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "plc1",
                "plc1:4840",
                "http://plc1:4840",
                "opc.https://plc1",
                "opc.tcp:/plc1",
                "opc.tcp://",
                "opc.tcp://:4840",
                "opc.tcp:///path",
                "opc.tcp://plc1:0",
                "opc.tcp://plc1:65536",
                "opc.tcp://plc1:99999",
                "opc.tcp://plc1:123456",
                "opc.tcp://plc1:-1",
                "opc.tcp://plc1:",
                "opc.tcp://plc1:48x",
                "opc.tcp://plc 1",
                "opc.tcp://plc1/a b",
                "opc.tcp://plc1\n",
                " opc.tcp://plc1",
                "opc.tcp://[::1",
                "opc.tcp://::1",
                "opc.tcp://[plc1]",
                "opc.tcp://user:secret@plc1",
            })
    void refusesAnythingElse(String text) {
        CommandException refused = catchThrowableOfType(CommandException.class, () -> EndpointUrl.parse(text));

        assertThat(refused.type()).isEqualTo(ErrorType.CONFIGURATION);
        assertThat(refused).hasMessageContaining("opc.tcp://host[:port][/path]");
    }

    @Test
    void userInfoIsNotRepeated() {
        CommandException refused = catchThrowableOfType(
                CommandException.class, () -> EndpointUrl.parse("opc.tcp://operator:hunter2@plc1:4840"));

        assertThat(refused).hasMessageContaining("[url]");
        assertThat(refused.messageText()).doesNotContain("hunter2", "operator");
    }

    @Test
    void lengthIsBounded() {
        String longest = "opc.tcp://plc1/" + "x".repeat(4096 - 15);

        assertThat(EndpointUrl.parse(longest).text()).hasSize(4096);
        CommandException refused = catchThrowableOfType(CommandException.class, () -> EndpointUrl.parse(longest + "x"));
        assertThat(refused.messageText()).hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"opc.tcp://plc\u001b[2J", "opc.tcp://plc1/\u0007", "opc.tcp://plc1\u0000:4840"})
    void refusesControlCharactersWhichWouldReachTheLog(String text) {
        CommandException refused = catchThrowableOfType(CommandException.class, () -> EndpointUrl.parse(text));

        assertThat(refused.type()).isEqualTo(ErrorType.CONFIGURATION);
    }
}
