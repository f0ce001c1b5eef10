package io.github.opcuasm.simulator;

import static io.github.opcuasm.simulator.SimulatedMethod.argument;
import static io.github.opcuasm.simulator.SimulatedMethod.scalar;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.core.ValueRanks;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.nodes.UaMethodNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaObjectNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;

/**
 * The methods of one server by object and method: those of the object Methods, and those that others add to
 * objects of theirs. {@link SimulatorMethods} calls them.
 */
final class MethodNodes {
    static final String METHODS = "Methods";

    /** Calls of Slow that may wait at a time; more are answered with Bad_ResourceUnavailable. */
    static final int MAX_WAITING = 10_000;

    private final Map<Target, SimulatedMethod> methods = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Creates the object Methods and everything on it. */
    UaObjectNode addTo(NodeBuilder nodes) {
        UaObjectNode object = nodes.object(METHODS, UByte.MIN);
        Argument any = argument("Value", NodeIds.BaseDataType, ValueRanks.Any, "Any value");
        add(nodes, object, SimulatedMethod.of("Add", doubles("Augend", "Addend"), doubles("Sum"), MethodNodes::sum));
        add(
                nodes,
                object,
                SimulatedMethod.of(
                        "Echo",
                        List.of(any),
                        List.of(any),
                        (session, arguments) -> CompletableFuture.completedFuture(arguments)));
        add(
                nodes,
                object,
                new SimulatedMethod(
                        "Fail",
                        List.of(scalar("Status", OpcUaDataType.StatusCode, "The status to fail with, may be left out")),
                        0,
                        List.of(),
                        true,
                        true,
                        MethodNodes::fail));
        add(
                nodes,
                object,
                SimulatedMethod.of(
                        "Slow",
                        List.of(scalar("Delay", OpcUaDataType.UInt32, "Milliseconds until the answer")),
                        List.of(),
                        this::answerLater));
        add(nodes, object, SimulatedMethod.of("Nothing", List.of(), List.of(), MethodNodes::nothing));
        add(nodes, object, SimulatedMethod.of("MultiOutput", List.of(), multiOutputs(), MethodNodes::multiOutput));
        add(nodes, object, refused("NotExecutable", false));
        add(nodes, object, refused("Denied", true));
        return object;
    }

    /** Adds a method to an object; its id is the object's, a slash and its name. */
    UaMethodNode add(NodeBuilder nodes, UaObjectNode object, SimulatedMethod method) {
        return add(
                nodes,
                object,
                nodes.id(object.getNodeId().getIdentifier() + "/" + method.name()),
                new QualifiedName(object.getNodeId().getNamespaceIndex(), method.name()),
                method);
    }

    /** Adds a method with this id and name to an object. */
    UaMethodNode add(
            NodeBuilder nodes, UaObjectNode object, NodeId methodId, QualifiedName name, SimulatedMethod method) {
        UaMethodNode node = new UaMethodNode(
                nodes.context(),
                methodId,
                name,
                LocalizedText.english(method.name()),
                LocalizedText.NULL_VALUE,
                UInteger.MIN,
                UInteger.MIN,
                method.executable(),
                method.executable() && method.userExecutable());
        nodes.context().getNodeManager().addNode((UaNode) node);
        object.addReference(new Reference(
                object.getNodeId(), NodeIds.HasComponent, node.getNodeId().expanded(), true));
        if (!method.inputs().isEmpty()) {
            nodes.property(
                    node,
                    new QualifiedName(0, "InputArguments"),
                    NodeIds.Argument,
                    method.inputs().toArray(Argument[]::new));
        }
        if (!method.outputs().isEmpty()) {
            nodes.property(
                    node,
                    new QualifiedName(0, "OutputArguments"),
                    NodeIds.Argument,
                    method.outputs().toArray(Argument[]::new));
        }
        install(object.getNodeId(), node.getNodeId(), method);
        return node;
    }

    /** Lets a method that already is a node do something on an object. */
    void install(NodeId objectId, NodeId methodId, SimulatedMethod method) {
        methods.put(new Target(objectId, methodId), method);
    }

    /** Takes back {@link #install}. */
    void uninstall(NodeId objectId, NodeId methodId) {
        methods.remove(new Target(objectId, methodId));
    }

    /** Whether a call of this object and method is answered by {@link #find} rather than by Milo. */
    boolean has(NodeId objectId, NodeId methodId) {
        return methods.containsKey(new Target(objectId, methodId));
    }

    /**
     * The method of this object.
     *
     * @throws UaException Bad_MethodInvalid if the object has no such method
     */
    SimulatedMethod find(NodeId objectId, NodeId methodId) throws UaException {
        SimulatedMethod method = methods.get(new Target(objectId, methodId));
        if (method == null) {
            throw new UaException(StatusCodes.Bad_MethodInvalid);
        }
        return method;
    }

    private static SimulatedMethod refused(String name, boolean executable) {
        return new SimulatedMethod(name, List.of(), 0, List.of(), executable, false, MethodNodes::nothing);
    }

    private static CompletableFuture<List<Variant>> sum(Session session, List<Variant> arguments) {
        double sum = 0;
        for (Variant argument : arguments) {
            sum += (Double) Objects.requireNonNull(argument.value());
        }
        return CompletableFuture.completedFuture(List.of(new Variant(sum)));
    }

    private static CompletableFuture<List<Variant>> fail(Session session, List<Variant> arguments) throws UaException {
        StatusCode wanted = arguments.isEmpty()
                ? new StatusCode(StatusCodes.Bad_InternalError)
                : (StatusCode) Objects.requireNonNull(arguments.get(0).value());
        throw new UaException(wanted.isGood() ? new StatusCode(StatusCodes.Bad_InternalError) : wanted);
    }

    private CompletableFuture<List<Variant>> answerLater(Session session, List<Variant> arguments) throws UaException {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new UaException(StatusCodes.Bad_ResourceUnavailable);
        }
        UInteger delay = (UInteger) Objects.requireNonNull(arguments.get(0).value());
        return new CompletableFuture<List<Variant>>()
                .completeOnTimeout(List.of(), delay.longValue(), TimeUnit.MILLISECONDS)
                .whenComplete((outputs, failure) -> waiting.decrementAndGet());
    }

    private static CompletableFuture<List<Variant>> nothing(Session session, List<Variant> arguments) {
        return CompletableFuture.completedFuture(List.of());
    }

    private static CompletableFuture<List<Variant>> multiOutput(Session session, List<Variant> arguments) {
        return CompletableFuture.completedFuture(List.of(
                new Variant(42),
                new Variant("forty-two"),
                new Variant(new Double[] {1.5, -2.5, 0.0}),
                Variant.NULL_VALUE));
    }

    private static List<Argument> multiOutputs() {
        return List.of(
                scalar("Number", OpcUaDataType.Int32, "42"),
                scalar("Text", OpcUaDataType.String, "forty-two"),
                argument("Numbers", NodeIds.Double, ValueRanks.OneDimension, "1.5, -2.5, 0"),
                argument("Null", NodeIds.BaseDataType, ValueRanks.Any, "Nothing"));
    }

    private static List<Argument> doubles(String... names) {
        return Arrays.stream(names)
                .map(name -> scalar(name, OpcUaDataType.Double, ""))
                .toList();
    }

    private record Target(NodeId objectId, NodeId methodId) {}
}
