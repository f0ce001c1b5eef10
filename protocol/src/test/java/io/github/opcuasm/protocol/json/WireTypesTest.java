package io.github.opcuasm.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The names that PHP peers load classes by: a change here is a change of the wire format. */
final class WireTypesTest {
    private static final String PREFIX = "PhpOpcua\\Client\\";

    @Test
    void classesAreThoseOfTheProtocol() {
        assertThat(WireTypes.wireClasses())
                .containsExactly(
                        PREFIX + "Types\\NodeId",
                        PREFIX + "Types\\QualifiedName",
                        PREFIX + "Types\\DataValue",
                        PREFIX + "Types\\Variant",
                        PREFIX + "Types\\BrowseNode",
                        PREFIX + "Types\\ReferenceDescription",
                        PREFIX + "Types\\EndpointDescription",
                        PREFIX + "Types\\LocalizedText",
                        PREFIX + "Types\\ExtensionObject",
                        PREFIX + "Types\\UserTokenPolicy",
                        PREFIX + "Module\\ReadWrite\\CallResult",
                        PREFIX + "Module\\Browse\\BrowseResultSet",
                        PREFIX + "Module\\Subscription\\SubscriptionResult",
                        PREFIX + "Module\\Subscription\\TransferResult",
                        PREFIX + "Module\\Subscription\\MonitoredItemResult",
                        PREFIX + "Module\\Subscription\\MonitoredItemModifyResult",
                        PREFIX + "Module\\Subscription\\PublishResult",
                        PREFIX + "Module\\Subscription\\SetTriggeringResult",
                        PREFIX + "Module\\NodeManagement\\AddNodesResult",
                        PREFIX + "Module\\TranslateBrowsePath\\BrowsePathResult",
                        PREFIX + "Module\\TranslateBrowsePath\\BrowsePathTarget",
                        PREFIX + "Module\\ServerInfo\\BuildInfo",
                        PREFIX + "Module\\FileTransfer\\CreateFileResult",
                        PREFIX + "Module\\History\\HistoryUpdateResult");
        assertThat(WireTypes.enumClasses())
                .containsExactly(
                        PREFIX + "Types\\BuiltinType",
                        PREFIX + "Types\\NodeClass",
                        PREFIX + "Types\\BrowseDirection",
                        PREFIX + "Types\\ConnectionState",
                        PREFIX + "Module\\FileTransfer\\OpenFileMode",
                        PREFIX + "Module\\Aggregate\\AggregateFunction",
                        PREFIX + "Module\\History\\PerformUpdateType");
        assertThat(WireTypes.modules())
                .containsExactly(
                        PREFIX + "Module\\ReadWrite\\ReadWriteModule",
                        PREFIX + "Module\\Browse\\BrowseModule",
                        PREFIX + "Module\\Subscription\\SubscriptionModule",
                        PREFIX + "Module\\History\\HistoryModule",
                        PREFIX + "Module\\NodeManagement\\NodeManagementModule",
                        PREFIX + "Module\\TranslateBrowsePath\\TranslateBrowsePathModule",
                        PREFIX + "Module\\ServerInfo\\ServerInfoModule",
                        PREFIX + "Module\\TypeDiscovery\\TypeDiscoveryModule",
                        PREFIX + "Module\\FileTransfer\\FileTransferModule",
                        PREFIX + "Module\\Aggregate\\AggregateModule");
    }

    @Test
    void idsAreTheLastPartsOfTheClassNamesAndDistinct() {
        assertThat(WireTypes.wireTypeIds())
                .hasSize(
                        WireTypes.wireClasses().size() + WireTypes.enumClasses().size())
                .doesNotHaveDuplicates()
                .contains("NodeId", "BuildInfo", "BuiltinType", "PerformUpdateType")
                .doesNotContain("DateTime");
    }
}
