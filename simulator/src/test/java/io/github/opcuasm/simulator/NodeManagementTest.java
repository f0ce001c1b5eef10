package io.github.opcuasm.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaMonitoredItem;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaSubscription;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.UaStructuredType;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeAttributesMask;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.AddNodesResult;
import org.eclipse.milo.opcua.stack.core.types.structured.AddReferencesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.DataTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteNodesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteReferencesItem;
import org.eclipse.milo.opcua.stack.core.types.structured.GenericAttributeValue;
import org.eclipse.milo.opcua.stack.core.types.structured.GenericAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.MethodAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ObjectTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.VariableTypeAttributes;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewAttributes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeManagementTest {
    private static final NodeId MANAGED = Simulator.node("Managed");
    private static final NodeId LOCKED = Simulator.node("Managed/Locked");
    private static final LocalizedText NO_TEXT = LocalizedText.NULL_VALUE;
    private static final UInteger NOTHING = uint(0);

    private final Simulator simulator = Simulator.builder().build();
    private final TestClients clients = new TestClients();
    private final AtomicLong names = new AtomicLong();
    private OpcUaClient client;

    @BeforeAll
    void connect() throws Exception {
        simulator.start();
        client = clients.connect(simulator);
    }

    @AfterAll
    void close() {
        clients.close();
        simulator.close();
    }

    static Stream<Arguments> everyClass() {
        UInteger all = uint(NodeAttributesMask.DisplayName.getValue() | NodeAttributesMask.Description.getValue());
        LocalizedText name = new LocalizedText("de", "Anzeige");
        LocalizedText about = new LocalizedText("de", "Beschreibung");
        return Stream.of(
                Arguments.of(
                        NodeClass.Object,
                        new ObjectAttributes(
                                with(all, NodeAttributesMask.EventNotifier), name, about, NOTHING, NOTHING, ubyte(1)),
                        NodeIds.BaseObjectType,
                        AttributeId.EventNotifier,
                        ubyte(1)),
                Arguments.of(
                        NodeClass.Variable,
                        variable(
                                with(all, NodeAttributesMask.Value, NodeAttributesMask.DataType),
                                new Variant(7),
                                NodeIds.Int32,
                                0),
                        NodeIds.BaseDataVariableType,
                        AttributeId.Value,
                        7),
                Arguments.of(
                        NodeClass.Method,
                        new MethodAttributes(
                                with(all, NodeAttributesMask.Executable), name, about, NOTHING, NOTHING, false, true),
                        null,
                        AttributeId.Executable,
                        false),
                Arguments.of(
                        NodeClass.ObjectType,
                        new ObjectTypeAttributes(
                                with(all, NodeAttributesMask.IsAbstract), name, about, NOTHING, NOTHING, true),
                        null,
                        AttributeId.IsAbstract,
                        true),
                Arguments.of(
                        NodeClass.VariableType,
                        new VariableTypeAttributes(
                                with(all, NodeAttributesMask.DataType, NodeAttributesMask.ValueRank),
                                name,
                                about,
                                NOTHING,
                                NOTHING,
                                Variant.NULL_VALUE,
                                NodeIds.Double,
                                1,
                                null,
                                true),
                        null,
                        AttributeId.DataType,
                        NodeIds.Double),
                Arguments.of(
                        NodeClass.ReferenceType,
                        new ReferenceTypeAttributes(
                                with(all, NodeAttributesMask.InverseName),
                                name,
                                about,
                                NOTHING,
                                NOTHING,
                                false,
                                false,
                                new LocalizedText("FedBy")),
                        null,
                        AttributeId.InverseName,
                        new LocalizedText("FedBy")),
                Arguments.of(
                        NodeClass.DataType,
                        new DataTypeAttributes(
                                with(all, NodeAttributesMask.IsAbstract), name, about, NOTHING, NOTHING, true),
                        null,
                        AttributeId.IsAbstract,
                        true),
                Arguments.of(
                        NodeClass.View,
                        new ViewAttributes(
                                with(all, NodeAttributesMask.ContainsNoLoops),
                                name,
                                about,
                                NOTHING,
                                NOTHING,
                                true,
                                ubyte(0)),
                        null,
                        AttributeId.ContainsNoLoops,
                        true));
    }

    // Part 4, 7.24: only the attributes whose bit is set count.
    @ParameterizedTest
    @MethodSource("everyClass")
    void nodeOfEveryClassIsAddedWithItsAttributes(
            NodeClass nodeClass,
            UaStructuredType attributes,
            @Nullable NodeId type,
            AttributeId attribute,
            Object expected)
            throws Exception {
        NodeId wanted = Simulator.node("Managed/" + nodeClass);

        AddNodesResult result = add(MANAGED, organizes(), wanted, nodeClass + "Name", nodeClass, attributes, type);

        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        assertThat(result.getAddedNodeId()).isEqualTo(wanted);
        assertThat(attribute(wanted, AttributeId.NodeClass)).isEqualTo(nodeClass.getValue());
        assertThat(attribute(wanted, AttributeId.BrowseName)).isEqualTo(new QualifiedName(2, nodeClass + "Name"));
        assertThat(attribute(wanted, attribute)).isEqualTo(expected);
        boolean described = nodeClass != NodeClass.Variable;
        assertThat(attribute(wanted, AttributeId.DisplayName))
                .isEqualTo(described ? new LocalizedText("de", "Anzeige") : NO_TEXT);
        assertThat(children(MANAGED)).contains(wanted);
        assertThat(delete(wanted)).isEqualTo(StatusCodes.Good);
        assertThat(children(MANAGED)).doesNotContain(wanted);
    }

    private static UInteger with(UInteger bits, NodeAttributesMask... more) {
        int sum = bits.intValue();
        for (NodeAttributesMask bit : more) {
            sum |= bit.getValue();
        }
        return uint(sum);
    }

    private static VariableAttributes variable(UInteger bits, Variant value, NodeId dataType, int access) {
        return new VariableAttributes(
                bits,
                NO_TEXT,
                NO_TEXT,
                NOTHING,
                NOTHING,
                value,
                dataType,
                -1,
                null,
                ubyte(access),
                ubyte(access),
                0.0,
                false);
    }

    private static ObjectAttributes object() {
        return new ObjectAttributes(NOTHING, NO_TEXT, NO_TEXT, NOTHING, NOTHING, ubyte(0));
    }

    private static NodeId organizes() {
        return NodeIds.Organizes;
    }

    @Test
    void serverChoosesAnIdAndDefaultsForWhatWasNotGiven() throws Exception {
        NodeId id = addedVariable(NOTHING, Variant.NULL_VALUE, NodeIds.Int32, 0);

        assertThat(id.getNamespaceIndex().intValue()).isEqualTo(2);
        assertThat(attribute(id, AttributeId.DataType)).isEqualTo(NodeIds.BaseDataType);
        assertThat(attribute(id, AttributeId.AccessLevel)).isEqualTo(ubyte(1));
        assertThat(attribute(id, AttributeId.DisplayName)).isEqualTo(new LocalizedText("Variable" + names.get()));
        assertThat(addedVariable(NOTHING, Variant.NULL_VALUE, NodeIds.Int32, 0)).isNotEqualTo(id);
    }

    @Test
    void addedVariableIsReadWrittenAndMonitored() throws Exception {
        UInteger bits = with(
                NOTHING,
                NodeAttributesMask.Value,
                NodeAttributesMask.DataType,
                NodeAttributesMask.ValueRank,
                NodeAttributesMask.AccessLevel);
        NodeId id = addedVariable(bits, new Variant(1.5), NodeIds.Double, 3);
        NodeId readOnly = addedVariable(bits, new Variant(1.5), NodeIds.Double, 1);
        AtomicReference<DataValue> notified = new AtomicReference<>(new DataValue(Variant.NULL_VALUE));
        OpcUaSubscription subscription = new OpcUaSubscription(client);
        subscription.create();
        OpcUaMonitoredItem item = OpcUaMonitoredItem.newDataItem(id);
        item.setSamplingInterval(50.0);
        item.setDataValueListener((source, value) -> notified.set(value));
        subscription.addMonitoredItem(item);
        subscription.synchronizeMonitoredItems();

        assertThat(write(id, 2.5)).isEqualTo(StatusCodes.Good);
        assertThat(write(id, "text")).isEqualTo(StatusCodes.Bad_TypeMismatch);
        assertThat(write(readOnly, 2.5)).isEqualTo(StatusCodes.Bad_NotWritable);

        assertThat(attribute(id, AttributeId.Value)).isEqualTo(2.5);
        patiently(() -> Double.valueOf(2.5).equals(last(notified).value().value()));
        assertThat(delete(id)).isEqualTo(StatusCodes.Good);
        // Part 4, 5.8.4.1: those who monitor a node that is deleted are told.
        patiently(() -> last(notified).statusCode().getValue() == StatusCodes.Bad_NodeIdUnknown);
        subscription.delete();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "parent unknown",
                        change(Simulator.node("Nowhere"), null, null, null, null, null, null),
                        StatusCodes.Bad_ParentNodeIdInvalid),
                Arguments.of(
                        "parent of namespace 0",
                        change(NodeIds.ObjectsFolder, null, null, null, null, null, null),
                        StatusCodes.Bad_UserAccessDenied),
                Arguments.of(
                        "parent elsewhere",
                        change(Simulator.node("Scalars"), null, null, null, null, null, null),
                        StatusCodes.Bad_UserAccessDenied),
                Arguments.of(
                        "parent locked",
                        change(LOCKED, null, null, null, null, null, null),
                        StatusCodes.Bad_UserAccessDenied),
                Arguments.of(
                        "no reference type",
                        change(null, NodeIds.BaseObjectType, null, null, null, null, null),
                        StatusCodes.Bad_ReferenceTypeIdInvalid),
                Arguments.of(
                        "abstract reference type",
                        change(null, NodeIds.HierarchicalReferences, null, null, null, null, null),
                        StatusCodes.Bad_ReferenceNotAllowed),
                Arguments.of(
                        "not hierarchical",
                        change(null, NodeIds.HasEncoding, null, null, null, null, null),
                        StatusCodes.Bad_ReferenceNotAllowed),
                Arguments.of(
                        "object as property",
                        change(null, NodeIds.HasProperty, null, null, null, null, null),
                        StatusCodes.Bad_ReferenceNotAllowed),
                Arguments.of(
                        "subtype of an object",
                        change(null, NodeIds.HasSubtype, null, null, null, null, null),
                        StatusCodes.Bad_ReferenceNotAllowed),
                Arguments.of(
                        "id taken",
                        change(null, null, MANAGED.expanded(), null, null, null, null),
                        StatusCodes.Bad_NodeIdExists),
                Arguments.of(
                        "id of namespace 0",
                        change(null, null, ExpandedNodeId.of(uint(1)), null, null, null, null),
                        StatusCodes.Bad_NodeIdRejected),
                Arguments.of(
                        "id of a file",
                        change(null, null, Simulator.node("Files/new").expanded(), null, null, null, null),
                        StatusCodes.Bad_NodeIdRejected),
                Arguments.of(
                        "no name",
                        change(null, null, null, new QualifiedName(2, ""), null, null, null),
                        StatusCodes.Bad_BrowseNameInvalid),
                Arguments.of(
                        "name of no namespace",
                        change(null, null, null, new QualifiedName(99, "x"), null, null, null),
                        StatusCodes.Bad_BrowseNameInvalid),
                Arguments.of(
                        "name taken",
                        change(null, null, null, new QualifiedName(2, "Locked"), null, null, null),
                        StatusCodes.Bad_BrowseNameDuplicated),
                Arguments.of(
                        "no class",
                        change(null, null, null, null, NodeClass.Unspecified, null, null),
                        StatusCodes.Bad_NodeClassInvalid),
                Arguments.of(
                        "attributes of another class",
                        change(
                                null,
                                null,
                                null,
                                null,
                                null,
                                new ViewAttributes(NOTHING, NO_TEXT, NO_TEXT, NOTHING, NOTHING, true, ubyte(0)),
                                null),
                        StatusCodes.Bad_NodeAttributesInvalid),
                Arguments.of(
                        "bit of another class",
                        change(
                                null,
                                null,
                                null,
                                null,
                                null,
                                new ObjectAttributes(
                                        uint(NodeAttributesMask.ValueRank.getValue()),
                                        NO_TEXT,
                                        NO_TEXT,
                                        NOTHING,
                                        NOTHING,
                                        ubyte(0)),
                                null),
                        StatusCodes.Bad_NodeAttributesInvalid),
                Arguments.of(
                        "named attribute of another class",
                        change(null, null, null, null, null, generic(AttributeId.Historizing, new Variant(true)), null),
                        StatusCodes.Bad_NodeAttributesInvalid),
                Arguments.of(
                        "named attribute of another type",
                        change(
                                null,
                                null,
                                null,
                                null,
                                null,
                                generic(AttributeId.EventNotifier, new Variant("1")),
                                null),
                        StatusCodes.Bad_NodeAttributesInvalid),
                Arguments.of(
                        "type unknown",
                        change(null, null, null, null, null, null, Simulator.node("Nowhere")),
                        StatusCodes.Bad_TypeDefinitionInvalid),
                Arguments.of(
                        "type of variables",
                        change(null, null, null, null, null, null, NodeIds.PropertyType),
                        StatusCodes.Bad_TypeDefinitionInvalid),
                Arguments.of(
                        "no type",
                        change(null, null, null, null, null, null, NodeId.NULL_VALUE),
                        StatusCodes.Bad_TypeDefinitionInvalid),
                Arguments.of(
                        "abstract type",
                        change(null, null, null, null, null, null, NodeIds.BaseEventType),
                        StatusCodes.Bad_TypeDefinitionInvalid));
    }

    private static GenericAttributes generic(AttributeId id, Variant value) {
        return new GenericAttributes(NOTHING, NO_TEXT, NO_TEXT, NOTHING, NOTHING, new GenericAttributeValue[] {
            new GenericAttributeValue(id.uid(), value)
        });
    }

    /** An object to add below Managed, with something else where it is not null. */
    private record Wanted(
            NodeId parent,
            NodeId referenceType,
            ExpandedNodeId id,
            QualifiedName name,
            NodeClass nodeClass,
            UaStructuredType attributes,
            NodeId type) {}

    private static Wanted change(
            @Nullable NodeId parent,
            @Nullable NodeId referenceType,
            @Nullable ExpandedNodeId id,
            @Nullable QualifiedName name,
            @Nullable NodeClass nodeClass,
            @Nullable UaStructuredType attributes,
            @Nullable NodeId type) {
        return new Wanted(
                parent == null ? MANAGED : parent,
                referenceType == null ? organizes() : referenceType,
                id == null ? ExpandedNodeId.NULL_VALUE : id,
                name == null ? new QualifiedName(2, "Refused") : name,
                nodeClass == null ? NodeClass.Object : nodeClass,
                attributes == null ? object() : attributes,
                type == null ? NodeIds.BaseObjectType : type);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void whatCannotBeAddedIsToldWithItsReason(String what, Wanted wanted, long status) throws Exception {
        List<NodeId> before = children(MANAGED);

        AddNodesResult result = client.addNodes(List.of(new AddNodesItem(
                        wanted.parent().expanded(),
                        wanted.referenceType(),
                        wanted.id(),
                        wanted.name(),
                        wanted.nodeClass(),
                        ExtensionObject.encode(client.getStaticEncodingContext(), wanted.attributes()),
                        wanted.type().expanded())))
                .getResults()[0];

        assertThat(result.getStatusCode()).as(what).isEqualTo(new StatusCode(status));
        assertThat(result.getAddedNodeId()).isEqualTo(NodeId.NULL_VALUE);
        assertThat(children(MANAGED)).isEqualTo(before);
    }

    // Part 3, 5.6.5: BaseDataType is above all others, so that a variable of it holds anything.
    static Stream<Object> valuesOfAnyType() {
        return Stream.of(
                7, "text", true, uint(7), new LocalizedText("de", "Text"), new Double[] {1.5, 2.5}, new Variant[] {
                    new Variant(7), new Variant("text")
                });
    }

    @ParameterizedTest
    @MethodSource("valuesOfAnyType")
    void variableOfNoDataTypeTakesAnyValue(Object value) throws Exception {
        UInteger bits = with(NOTHING, NodeAttributesMask.Value, NodeAttributesMask.AccessLevel);

        NodeId id = addedVariable(bits, new Variant(value), NodeIds.Int32, 3);

        assertThat(attribute(id, AttributeId.DataType)).isEqualTo(NodeIds.BaseDataType);
        assertThat(attribute(id, AttributeId.Value)).isEqualTo(value);
        assertThat(write(id, "other")).isEqualTo(StatusCodes.Good);
    }

    @Test
    void valueHasToFitDataTypeAndRank() throws Exception {
        UInteger bits =
                with(NOTHING, NodeAttributesMask.Value, NodeAttributesMask.DataType, NodeAttributesMask.ValueRank);

        assertThat(addVariable(bits, new Variant("text"), NodeIds.Int32, 1)
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_NodeAttributesInvalid);
        assertThat(addVariable(bits, new Variant(new Integer[] {1}), NodeIds.Int32, 1)
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_NodeAttributesInvalid);
        assertThat(addVariable(bits, new Variant(1), NodeIds.BaseObjectType, 1)
                        .getStatusCode()
                        .getValue())
                .isEqualTo(StatusCodes.Bad_NodeAttributesInvalid);
        assertThat(addVariable(bits, new Variant(uint(1)), NodeIds.Number, 1).getStatusCode())
                .isEqualTo(StatusCode.GOOD);
    }

    @Test
    void operationsOfOneRequestBuildOnEachOther() throws Exception {
        NodeId folder = Simulator.node("Managed/Line");
        AddNodesItem[] items = {
            item(MANAGED, organizes(), folder, "Line", NodeClass.Object, object(), NodeIds.FolderType),
            item(
                    folder,
                    NodeIds.HasComponent,
                    Simulator.node("Managed/Line/A"),
                    "A",
                    NodeClass.Object,
                    object(),
                    NodeIds.BaseObjectType),
            item(
                    folder,
                    NodeIds.HasComponent,
                    Simulator.node("Managed/Line/B"),
                    "A",
                    NodeClass.Object,
                    object(),
                    NodeIds.BaseObjectType)
        };

        AddNodesResult[] results = client.addNodes(List.of(items)).getResults();

        assertThat(Arrays.stream(results).map(result -> result.getStatusCode().getValue()))
                .containsExactly(StatusCodes.Good, StatusCodes.Good, StatusCodes.Bad_BrowseNameDuplicated);
        // A node goes with its last parent.
        assertThat(delete(folder)).isEqualTo(StatusCodes.Good);
        assertThat(delete(Simulator.node("Managed/Line/A"))).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
    }

    // Part 4, 5.8.2.1: the mandatory components of its type come with an instance, those of types that clients add too.
    @Test
    void instanceHasTheMandatoryComponentsOfItsType() throws Exception {
        NodeId analog = Simulator.node("Managed/Analog");
        added(item(
                MANAGED,
                organizes(),
                analog,
                "Analog",
                NodeClass.Variable,
                variable(NOTHING, Variant.NULL_VALUE, NodeIds.Double, 1),
                NodeIds.AnalogItemType));
        assertThat(children(analog)).contains(Simulator.node("Managed/Analog/EURange"));

        NodeId type = Simulator.node("Managed/PumpType");
        NodeId speed = Simulator.node("Managed/PumpType/Speed");
        NodeId pump = Simulator.node("Managed/Pump");
        added(item(
                MANAGED,
                organizes(),
                type,
                "PumpType",
                NodeClass.ObjectType,
                new ObjectTypeAttributes(NOTHING, NO_TEXT, NO_TEXT, NOTHING, NOTHING, false),
                null));
        added(item(
                type,
                NodeIds.HasComponent,
                speed,
                "Speed",
                NodeClass.Variable,
                variable(NOTHING, Variant.NULL_VALUE, NodeIds.Double, 1),
                NodeIds.BaseDataVariableType));
        assertThat(addReference(speed, NodeIds.HasModellingRule, NodeIds.ModellingRule_Mandatory, NodeClass.Object))
                .isEqualTo(StatusCodes.Good);
        added(item(MANAGED, organizes(), pump, "Pump", NodeClass.Object, object(), type));

        assertThat(children(pump)).containsExactly(Simulator.node("Managed/Pump/Speed"));
        assertThat(delete(type)).isEqualTo(StatusCodes.Bad_NoDeleteRights);
        assertThat(delete(pump)).isEqualTo(StatusCodes.Good);
        assertThat(delete(Simulator.node("Managed/Pump/Speed"))).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(delete(type)).isEqualTo(StatusCodes.Good);
        assertThat(delete(analog)).isEqualTo(StatusCodes.Good);
    }

    @Test
    void whatIsNotManagedIsNotDeleted() throws Exception {
        assertThat(delete(Simulator.node("Nowhere"))).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        assertThat(delete(NodeId.NULL_VALUE)).isEqualTo(StatusCodes.Bad_NodeIdInvalid);
        assertThat(delete(NodeIds.Server)).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(delete(Simulator.node("Scalars/Int32"))).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(delete(LOCKED)).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(delete(MANAGED)).isEqualTo(StatusCodes.Bad_NoDeleteRights);
    }

    @Test
    void referencesOfTargetsStayIfTheClientSaysSo() throws Exception {
        NodeId id = addedObject();

        StatusCode result =
                client.deleteNodes(List.of(new DeleteNodesItem(id, false))).getResults()[0];

        assertThat(result).isEqualTo(StatusCode.GOOD);
        assertThat(attributeStatus(id)).isEqualTo(StatusCodes.Bad_NodeIdUnknown);
        // The id is free again, and what points to it has a node again.
        added(item(MANAGED, NodeIds.HasComponent, id, "Again", NodeClass.Object, object(), NodeIds.BaseObjectType));
        assertThat(children(MANAGED)).contains(id);
        assertThat(delete(id)).isEqualTo(StatusCodes.Good);
    }

    @Test
    void referenceIsSeenFromBothEndsUntilItIsDeleted() throws Exception {
        NodeId source = addedObject();
        NodeId target = Simulator.node("Scalars/Int32");

        assertThat(addReference(source, organizes(), target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Good);
        assertThat(children(source)).containsExactly(target);
        assertThat(related(target, BrowseDirection.Inverse, organizes())).contains(source);
        assertThat(addReference(source, organizes(), target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_DuplicateReferenceNotAllowed);

        assertThat(deleteReference(source, organizes(), target, false)).isEqualTo(StatusCodes.Good);
        assertThat(children(source)).isEmpty();
        assertThat(related(target, BrowseDirection.Inverse, organizes())).contains(source);
        assertThat(addReference(source, organizes(), target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Good);
        assertThat(deleteReference(source, organizes(), target, true)).isEqualTo(StatusCodes.Good);
        assertThat(related(target, BrowseDirection.Inverse, organizes())).doesNotContain(source);
        assertThat(deleteReference(source, organizes(), target, true)).isEqualTo(StatusCodes.Bad_TargetNodeIdInvalid);
        assertThat(delete(source)).isEqualTo(StatusCodes.Good);
    }

    @Test
    void impossibleReferencesAreToldWithTheirReason() throws Exception {
        NodeId source = addedObject();
        NodeId target = Simulator.node("Scalars/Int32");

        assertThat(addReference(Simulator.node("Nowhere"), organizes(), target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_SourceNodeIdInvalid);
        assertThat(addReference(source, organizes(), Simulator.node("Nowhere"), NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_TargetNodeIdInvalid);
        assertThat(addReference(source, target, target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_ReferenceTypeIdInvalid);
        assertThat(addReference(source, organizes(), target, NodeClass.Object))
                .isEqualTo(StatusCodes.Bad_NodeClassInvalid);
        assertThat(addReference(source, NodeIds.HasProperty, target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_ReferenceNotAllowed);
        assertThat(addReference(source, organizes(), source, NodeClass.Object))
                .isEqualTo(StatusCodes.Bad_InvalidSelfReference);
        assertThat(addReference(Simulator.node("Scalars"), organizes(), target, NodeClass.Variable))
                .isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(addReference(source, organizes(), LOCKED, NodeClass.Object))
                .isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(referenceStatus(new AddReferencesItem(
                        source, organizes(), true, "urn:elsewhere", target.expanded(), NodeClass.Variable)))
                .isEqualTo(StatusCodes.Bad_ServerUriInvalid);
        assertThat(deleteReference(source, NodeIds.HasTypeDefinition, NodeIds.BaseObjectType, true))
                .isEqualTo(StatusCodes.Bad_NoDeleteRights);
        assertThat(deleteReference(MANAGED, organizes(), source, true)).isEqualTo(StatusCodes.Bad_NoDeleteRights);
        assertThat(delete(source)).isEqualTo(StatusCodes.Good);
    }

    // Browsing for hierarchical references shows those of a type that was added a moment ago.
    @Test
    void addedReferenceTypeIsFollowedAtBrowsing() throws Exception {
        NodeId type = Simulator.node("Managed/Feeds");
        NodeId source = addedObject();
        NodeId target = addedObject();
        added(item(
                MANAGED,
                organizes(),
                type,
                "Feeds",
                NodeClass.ReferenceType,
                new ReferenceTypeAttributes(NOTHING, NO_TEXT, NO_TEXT, NOTHING, NOTHING, false, false, NO_TEXT),
                null));
        assertThat(referenceStatus(new AddReferencesItem(
                        type, NodeIds.HasSubtype, false, null, NodeIds.Organizes.expanded(), NodeClass.ReferenceType)))
                .isEqualTo(StatusCodes.Good);

        assertThat(addReference(source, type, target, NodeClass.Object)).isEqualTo(StatusCodes.Good);

        assertThat(children(source)).containsExactly(target);
    }

    @Test
    void addedNodesAreBoundedAndDeletionMakesRoom() throws Exception {
        try (Simulator own = Simulator.builder().build();
                TestClients ownClients = new TestClients()) {
            own.start();
            OpcUaClient adding = ownClients.connect(own);
            List<AddNodesItem> thousand = new ArrayList<>();
            for (int folder = 0; folder < 10; folder++) {
                thousand.add(folderItem(MANAGED, "Managed/" + folder));
                for (int i = 1; i < 100; i++) {
                    thousand.add(folderItem(Simulator.node("Managed/" + folder), "Managed/" + folder + "/" + i));
                }
            }
            List<AddNodesItem> roots = new ArrayList<>();
            for (int root = 0; root < ManagedNodes.MAX_ADDED / 1_000; root++) {
                roots.add(folderItem(MANAGED, "Root" + root));
            }

            assertThat(statuses(adding, thousand)).containsOnly(StatusCodes.Good);
            for (int root = 1; root < roots.size(); root++) {
                assertThat(statuses(adding, again(thousand, root))).containsOnly(StatusCodes.Good);
            }
            assertThat(statuses(adding, roots)).containsOnly(StatusCodes.Bad_ResourceUnavailable);

            adding.deleteNodes(List.of(new DeleteNodesItem(Simulator.node("Managed/0"), true)));
            assertThat(statuses(adding, roots)).containsOnly(StatusCodes.Good);
        }
    }

    private static List<Long> statuses(OpcUaClient adding, List<AddNodesItem> items) throws Exception {
        return Stream.of(adding.addNodes(items).getResults())
                .map(result -> result.getStatusCode().getValue())
                .toList();
    }

    /** The same items below other folders. */
    private List<AddNodesItem> again(List<AddNodesItem> items, int round) {
        String start = "Managed/";
        return items.stream()
                .map(item -> {
                    String parent = String.valueOf(item.getParentNodeId().getIdentifier());
                    String id = String.valueOf(item.getRequestedNewNodeId().getIdentifier());
                    return folderItem(
                            Simulator.node(parent.replace(start, "Round" + round + "/")),
                            id.replace(start, "Round" + round + "/"));
                })
                .toList();
    }

    private AddNodesItem folderItem(NodeId parent, String id) {
        return item(parent, organizes(), Simulator.node(id), id, NodeClass.Object, object(), NodeIds.FolderType);
    }

    @Test
    void requestsAreLimited() throws Exception {
        simulator.limits().operations(OperationLimit.MAX_NODES_PER_NODE_MANAGEMENT, 2);
        try {
            assertThatThrownBy(() -> client.deleteNodes(Collections.nCopies(3, new DeleteNodesItem(MANAGED, true))))
                    .satisfies(failure -> assertThat(UaException.extractStatusCode(failure)
                                    .orElseThrow()
                                    .getValue())
                            .isEqualTo(StatusCodes.Bad_TooManyOperations));
        } finally {
            simulator.limits().operations(OperationLimit.MAX_NODES_PER_NODE_MANAGEMENT, 1_000);
        }
    }

    private static DataValue last(AtomicReference<DataValue> notified) {
        return Objects.requireNonNull(notified.get());
    }

    private void patiently(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(TestClients.PATIENCE_SECONDS)).until(condition);
    }

    private NodeId addedObject() throws Exception {
        return added(new AddNodesItem(
                MANAGED.expanded(),
                organizes(),
                ExpandedNodeId.NULL_VALUE,
                new QualifiedName(2, "Object" + names.incrementAndGet()),
                NodeClass.Object,
                ExtensionObject.encode(client.getStaticEncodingContext(), object()),
                NodeIds.BaseObjectType.expanded()));
    }

    private NodeId addedVariable(UInteger bits, Variant value, NodeId dataType, int access) throws Exception {
        AddNodesResult result = addVariable(bits, value, dataType, access);
        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        return result.getAddedNodeId();
    }

    private AddNodesResult addVariable(UInteger bits, Variant value, NodeId dataType, int access) throws Exception {
        return add(
                MANAGED,
                organizes(),
                NodeId.NULL_VALUE,
                "Variable" + names.incrementAndGet(),
                NodeClass.Variable,
                variable(bits, value, dataType, access),
                NodeIds.BaseDataVariableType);
    }

    private NodeId added(AddNodesItem item) throws Exception {
        AddNodesResult result = client.addNodes(List.of(item)).getResults()[0];
        assertThat(result.getStatusCode()).isEqualTo(StatusCode.GOOD);
        return result.getAddedNodeId();
    }

    private AddNodesResult add(
            NodeId parent,
            NodeId referenceType,
            NodeId id,
            String name,
            NodeClass nodeClass,
            UaStructuredType attributes,
            @Nullable NodeId type)
            throws Exception {
        return client.addNodes(List.of(item(parent, referenceType, id, name, nodeClass, attributes, type)))
                .getResults()[0];
    }

    private AddNodesItem item(
            NodeId parent,
            NodeId referenceType,
            NodeId id,
            String name,
            NodeClass nodeClass,
            UaStructuredType attributes,
            @Nullable NodeId type) {
        return new AddNodesItem(
                parent.expanded(),
                referenceType,
                id.expanded(),
                new QualifiedName(2, name),
                nodeClass,
                ExtensionObject.encode(client.getStaticEncodingContext(), attributes),
                type == null ? ExpandedNodeId.NULL_VALUE : type.expanded());
    }

    private long delete(NodeId id) throws Exception {
        return client.deleteNodes(List.of(new DeleteNodesItem(id, true)))
                .getResults()[0]
                .getValue();
    }

    private long addReference(NodeId source, NodeId type, NodeId target, NodeClass targetClass) throws Exception {
        return referenceStatus(new AddReferencesItem(source, type, true, null, target.expanded(), targetClass));
    }

    private long referenceStatus(AddReferencesItem item) throws Exception {
        return client.addReferences(List.of(item)).getResults()[0].getValue();
    }

    private long deleteReference(NodeId source, NodeId type, NodeId target, boolean bidirectional) throws Exception {
        return client.deleteReferences(
                        List.of(new DeleteReferencesItem(source, type, true, target.expanded(), bidirectional)))
                .getResults()[0]
                .getValue();
    }

    private long write(NodeId id, Object value) throws Exception {
        return client.writeValues(List.of(id), List.of(DataValue.valueOnly(new Variant(value))))
                .get(0)
                .getValue();
    }

    private @Nullable Object attribute(NodeId id, AttributeId attribute) throws Exception {
        return read(id, attribute).value().value();
    }

    private long attributeStatus(NodeId id) throws Exception {
        return read(id, AttributeId.NodeClass).statusCode().getValue();
    }

    private DataValue read(NodeId id, AttributeId attribute) throws Exception {
        return client.read(0, TimestampsToReturn.Neither, List.of(new ReadValueId(id, attribute.uid(), null, null)))
                .getResults()[0];
    }

    private List<NodeId> children(NodeId id) throws Exception {
        return related(id, BrowseDirection.Forward, NodeIds.HierarchicalReferences);
    }

    private List<NodeId> related(NodeId id, BrowseDirection direction, NodeId type) throws Exception {
        ReferenceDescription[] references = client.browse(
                        new BrowseDescription(id, direction, type, true, uint(0), uint(63)))
                .getReferences();
        return references == null
                ? List.of()
                : Stream.of(references)
                        .map(reference -> reference
                                .getNodeId()
                                .toNodeId(client.getNamespaceTable())
                                .orElseThrow())
                        .toList();
    }
}
