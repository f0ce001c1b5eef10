package io.github.opcuasm.protocol.json;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The names that typed values go by (protocol, section 6). A PHP peer registers its types by class name, from what
 * {@code describe} lists, so these strings are part of the wire format. The id of a type, its {@code __t}, is the last
 * part of its class name; {@code DateTime} is built in and listed nowhere.
 */
public final class WireTypes {
    /** The member that makes an object a typed value. */
    static final String TYPE = "__t";

    private static final String PREFIX = "PhpOpcua\\Client\\";

    private static final List<String> CLASSES = names(
            "Types\\NodeId",
            "Types\\QualifiedName",
            "Types\\DataValue",
            "Types\\Variant",
            "Types\\BrowseNode",
            "Types\\ReferenceDescription",
            "Types\\EndpointDescription",
            "Types\\LocalizedText",
            "Types\\ExtensionObject",
            "Types\\UserTokenPolicy",
            "Module\\ReadWrite\\CallResult",
            "Module\\Browse\\BrowseResultSet",
            "Module\\Subscription\\SubscriptionResult",
            "Module\\Subscription\\TransferResult",
            "Module\\Subscription\\MonitoredItemResult",
            "Module\\Subscription\\MonitoredItemModifyResult",
            "Module\\Subscription\\PublishResult",
            "Module\\Subscription\\SetTriggeringResult",
            "Module\\NodeManagement\\AddNodesResult",
            "Module\\TranslateBrowsePath\\BrowsePathResult",
            "Module\\TranslateBrowsePath\\BrowsePathTarget",
            "Module\\ServerInfo\\BuildInfo",
            "Module\\FileTransfer\\CreateFileResult",
            "Module\\History\\HistoryUpdateResult");

    private static final List<String> ENUMS = names(
            "Types\\BuiltinType",
            "Types\\NodeClass",
            "Types\\BrowseDirection",
            "Types\\ConnectionState",
            "Module\\FileTransfer\\OpenFileMode",
            "Module\\Aggregate\\AggregateFunction",
            "Module\\History\\PerformUpdateType");

    private static final List<String> MODULES = names(
            "Module\\ReadWrite\\ReadWriteModule",
            "Module\\Browse\\BrowseModule",
            "Module\\Subscription\\SubscriptionModule",
            "Module\\History\\HistoryModule",
            "Module\\NodeManagement\\NodeManagementModule",
            "Module\\TranslateBrowsePath\\TranslateBrowsePathModule",
            "Module\\ServerInfo\\ServerInfoModule",
            "Module\\TypeDiscovery\\TypeDiscoveryModule",
            "Module\\FileTransfer\\FileTransferModule",
            "Module\\Aggregate\\AggregateModule");

    private static final List<String> IDS =
            Stream.concat(CLASSES.stream(), ENUMS.stream()).map(WireTypes::id).toList();

    private WireTypes() {}

    /** The classes of the value objects. */
    public static List<String> wireClasses() {
        return CLASSES;
    }

    /** The classes of the enumerations. */
    public static List<String> enumClasses() {
        return ENUMS;
    }

    /** The modules that the methods of {@code invoke} belong to. */
    public static List<String> modules() {
        return MODULES;
    }

    /** The ids of all classes and enumerations, in their order. */
    public static List<String> wireTypeIds() {
        return IDS;
    }

    private static String id(String className) {
        return className.substring(className.lastIndexOf('\\') + 1);
    }

    private static List<String> names(String... names) {
        return Arrays.stream(names).map(name -> PREFIX + name).toList();
    }
}
