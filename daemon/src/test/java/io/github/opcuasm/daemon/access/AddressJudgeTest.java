package io.github.opcuasm.daemon.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.AddressRange;
import io.github.opcuasm.daemon.policy.AddressRules;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.Rates;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where connections may lead, by the bytes of the address. */
final class AddressJudgeTest {
    private static final LocalPeer TCP = new LocalPeer(null, null, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.0.1",
                "100.100.100.200",
                "168.63.129.16",
                "224.0.0.251",
                "255.255.255.255",
                "fe80::1",
                "febf:ffff::1",
                "ff02::1",
                "fd00:ec2::254",
                "0:0:0:0:0:ffff:a9fe:a9fe",
                "::a9fe:a9fe",
                "::ffff:0:a9fe:a9fe",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::a9fe:a9fe",
                "2002:a9fe:a9fe::1",
                "2001:0:a9fe:a9fe::",
                "2001:0:505:505::5601:5601",
                "2a00::5efe:a9fe:a9fe",
                "2a00::200:5efe:a9fe:a9fe",
            })
    void nobodyMayReachTheseByDefault(String address) {
        assertThat(new AddressJudge(AddressRules.DEFAULT).denial(bytes(address)))
                .isNotNull()
                .startsWith("the default denial of ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "::",
                "10.0.0.1",
                "192.168.1.7",
                "169.253.255.255",
                "100.100.100.201",
                "8.8.8.8",
                "::1",
                "fd00::1",
                "2a00::1",
                "64:ff9b::808:808",
                "2002:a00:1::1",
            })
    void everythingElseIsReached(String address) {
        assertThat(new AddressJudge(AddressRules.DEFAULT).denial(bytes(address)))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "169.254.7.1, true", // allowed more narrowly than it is denied
        "169.254.169.254, false", // the default is narrower still
        "10.9.0.1, false",
        "10.9.1.1, true",
        "10.8.0.1, true",
        "172.16.0.1, false", // of two equal ranges the denial counts
        "8.8.8.8, false",
    })
    void theMostSpecificRangeDecides(String address, boolean reached) {
        AddressJudge judge = new AddressJudge(AddressRules.of(
                List.of("169.254.0.0/16", "10.0.0.0/8", "10.9.1.0/24", "172.16.0.0/12"),
                List.of("0.0.0.0/0", "10.9.0.0/16", "172.16.0.0/12")));

        assertThat(judge.denial(bytes(address)) == null).isEqualTo(reached);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::", "::ffff:0:0:0"})
    void whoDeniesThisHostDeniesItsUnspecifiedAddressesToo(String address) {
        AddressJudge judge = new AddressJudge(AddressRules.of(List.of(), List.of("127.0.0.0/8")));

        assertThat(judge.denial(bytes(address))).isEqualTo("addresses.deny 127.0.0.0/8");
    }

    @Test
    void aGrantForARangeIsJudgedByWhatTheNameWasConnectedAt() throws Exception {
        AddressJudge judge = new AddressJudge(AddressRules.DEFAULT);
        Grant grant = grant("10.0.0.0/8");
        Principal principal =
                new Principal(Principal.Kind.ANYONE, "", TCP, List.of(new AppliedGrant("rule r", grant)), false, judge);
        EndpointUrl plc = EndpointUrl.parse("opc.tcp://plc-1:4840");

        assertThat(judge.mightBeFor(grant, plc)).isTrue();
        assertThat(judge.isFor(grant, plc)).isFalse();
        principal.addresses().check(plc, InetAddress.getByName("10.1.1.1"));
        assertThat(judge.isFor(grant, plc)).isTrue();

        CommandException refused = catchThrowableOfType(
                CommandException.class, () -> principal.addresses().check(plc, InetAddress.getByName("192.168.1.1")));
        assertThat(refused.type()).isEqualTo(ErrorType.ACCESS_DENIED);
        assertThat(refused).hasMessageContaining("plc-1:4840 at 192.168.1.1").hasMessageNotContaining("anyone");
        assertThat(judge.mightBeFor(grant, EndpointUrl.parse("opc.tcp://192.168.1.1:4840")))
                .isFalse();
    }

    @Test
    void filtersOfTheSamePatternsShareSessionsAndOthersDoNot() {
        AddressJudge judge = new AddressJudge(AddressRules.DEFAULT);

        assertThat(filterKey(judge, "10.0.0.0/8"))
                .isEqualTo(filterKey(judge, "10.0.0.0/8"))
                .isNotEqualTo(filterKey(judge, "*"));
        assertThat(filterKey(judge, "*")).isEqualTo("*");
    }

    @Test
    void filterIsMadeAgainFromItsKeyUnderTheRangesOfToday() throws Exception {
        AddressJudge judge = new AddressJudge(AddressRules.DEFAULT);
        EndpointUrl plc = EndpointUrl.parse("opc.tcp://plc-1:4840");
        AddressFilter some = judge.filterOf("10.0.0.0/8 opc.tcp://other:4840");
        AddressFilter any = judge.filterOf("*");

        some.check(plc, InetAddress.getByName("10.1.1.1"));
        any.check(plc, InetAddress.getByName("192.168.1.1"));

        assertThat(some.key()).isEqualTo("10.0.0.0/8 opc.tcp://other:4840");
        assertThat(any.key()).isEqualTo(filterKey(judge, "*"));
        assertRefuses(some, plc, "192.168.1.1");
        assertRefuses(any, plc, "169.254.169.254");
        assertRefuses(judge.filterOf("no pattern"), plc, "10.1.1.1");
        assertThat(judge.filterOf(AddressFilter.ALL.key())).isSameAs(AddressFilter.ALL);
    }

    private static void assertRefuses(AddressFilter filter, EndpointUrl url, String address) {
        CommandException refused =
                catchThrowableOfType(CommandException.class, () -> filter.check(url, InetAddress.getByName(address)));
        assertThat(refused.type()).isEqualTo(ErrorType.ACCESS_DENIED);
    }

    private static String filterKey(AddressJudge judge, String pattern) {
        return new Principal(
                        Principal.Kind.ANYONE,
                        "",
                        TCP,
                        List.of(new AppliedGrant("rule r", grant(pattern))),
                        false,
                        judge)
                .addresses()
                .key();
    }

    private static Grant grant(String endpoint) {
        return new Grant(
                Set.of(Scope.READ),
                List.of(EndpointPattern.parse(endpoint)),
                List.of(NodePattern.ALL),
                Rates.UNLIMITED);
    }

    /** As they come from the wire; Java itself makes IPv4 of a mapped address. */
    private static byte[] bytes(String address) {
        if (address.equals("0:0:0:0:0:ffff:a9fe:a9fe")) {
            byte[] mapped = new byte[16];
            mapped[10] = (byte) 0xFF;
            mapped[11] = (byte) 0xFF;
            System.arraycopy(bytes("169.254.169.254"), 0, mapped, 12, 4);
            return mapped;
        }
        return Objects.requireNonNull(AddressRange.literal(address));
    }
}
