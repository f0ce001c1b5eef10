package io.github.opcuasm.client;

import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.NodeId;
import io.github.opcuasm.protocol.type.NodeReference;
import io.github.opcuasm.protocol.type.QualifiedName;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node to be added below another one, with the attributes of its class (Part 4, 5.8.2): {@code NodeToAdd.variable(folder,
 * "2:Speed").value(12.5, BuiltinType.DOUBLE)}. Immutable; an attribute that is not given has the protocol's default.
 *
 * <p>Browse names are text with the namespace's index before a colon, {@code 2:Speed}; without one it is 0. An attribute that the
 * node class does not have is an {@link IllegalArgumentException} here, before anything is sent. The order of the calls means
 * nothing, and of two for the same attribute the last one counts.
 */
public final class NodeToAdd {
    private static final Pattern QUALIFIED = Pattern.compile("(?s)(\\d{1,5}):(.*)");
    private static final NodeId ORGANIZES = NodeId.numeric(0, 35);
    private static final NodeId HAS_SUBTYPE = NodeId.numeric(0, 45);
    private static final NodeId HAS_PROPERTY = NodeId.numeric(0, 46);
    private static final NodeId HAS_COMPONENT = NodeId.numeric(0, 47);
    private static final NodeId BASE_OBJECT_TYPE = NodeId.numeric(0, 58);
    private static final NodeId FOLDER_TYPE = NodeId.numeric(0, 61);
    private static final NodeId BASE_DATA_VARIABLE_TYPE = NodeId.numeric(0, 63);
    private static final NodeId PROPERTY_TYPE = NodeId.numeric(0, 68);

    private static final Set<NodeClass> VARIABLES = EnumSet.of(NodeClass.VARIABLE, NodeClass.VARIABLE_TYPE);
    private static final Set<NodeClass> INSTANCES = EnumSet.of(NodeClass.OBJECT, NodeClass.VARIABLE);
    private static final Set<NodeClass> NOTIFIERS = EnumSet.of(NodeClass.OBJECT, NodeClass.VIEW);
    private static final Set<NodeClass> TYPES =
            EnumSet.of(NodeClass.OBJECT_TYPE, NodeClass.VARIABLE_TYPE, NodeClass.REFERENCE_TYPE, NodeClass.DATA_TYPE);

    private final NodeClass nodeClass;
    private final Map<String, Object> members;

    private NodeToAdd(NodeClass nodeClass, Map<String, Object> members) {
        this.nodeClass = nodeClass;
        this.members = members;
    }

    private static NodeToAdd of(NodeClass nodeClass, NodeReference parent, NodeId reference, String browseName) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("parentNodeId", parent);
        members.put("referenceTypeId", reference);
        members.put("browseName", qualified(browseName));
        members.put("nodeClass", nodeClass);
        return new NodeToAdd(nodeClass, Collections.unmodifiableMap(members));
    }

    private static QualifiedName qualified(String text) {
        Matcher matcher = QUALIFIED.matcher(text);
        return matcher.matches()
                ? new QualifiedName(Integer.parseInt(matcher.group(1)), matcher.group(2))
                : new QualifiedName(0, text);
    }

    /** A component of BaseObjectType. */
    public static NodeToAdd object(NodeReference parent, String browseName) {
        return of(NodeClass.OBJECT, parent, HAS_COMPONENT, browseName).typeDefinition(BASE_OBJECT_TYPE);
    }

    /** A folder, by an Organizes reference. */
    public static NodeToAdd folder(NodeReference parent, String browseName) {
        return of(NodeClass.OBJECT, parent, ORGANIZES, browseName).typeDefinition(FOLDER_TYPE);
    }

    /** A component of BaseDataVariableType, readable and not writable unless {@link #accessLevel} says otherwise. */
    public static NodeToAdd variable(NodeReference parent, String browseName) {
        return of(NodeClass.VARIABLE, parent, HAS_COMPONENT, browseName).typeDefinition(BASE_DATA_VARIABLE_TYPE);
    }

    /** A property. */
    public static NodeToAdd property(NodeReference parent, String browseName) {
        return of(NodeClass.VARIABLE, parent, HAS_PROPERTY, browseName).typeDefinition(PROPERTY_TYPE);
    }

    /** A method of an object or object type. */
    public static NodeToAdd method(NodeReference parent, String browseName) {
        return of(NodeClass.METHOD, parent, HAS_COMPONENT, browseName);
    }

    /** A subtype of an object type. */
    public static NodeToAdd objectType(NodeReference supertype, String browseName) {
        return of(NodeClass.OBJECT_TYPE, supertype, HAS_SUBTYPE, browseName);
    }

    /** A subtype of a variable type. */
    public static NodeToAdd variableType(NodeReference supertype, String browseName) {
        return of(NodeClass.VARIABLE_TYPE, supertype, HAS_SUBTYPE, browseName);
    }

    /** A subtype of a reference type. */
    public static NodeToAdd referenceType(NodeReference supertype, String browseName) {
        return of(NodeClass.REFERENCE_TYPE, supertype, HAS_SUBTYPE, browseName);
    }

    /** A subtype of a data type. */
    public static NodeToAdd dataType(NodeReference supertype, String browseName) {
        return of(NodeClass.DATA_TYPE, supertype, HAS_SUBTYPE, browseName);
    }

    /** A view, by an Organizes reference. */
    public static NodeToAdd view(NodeReference parent, String browseName) {
        return of(NodeClass.VIEW, parent, ORGANIZES, browseName);
    }

    // Of all classes

    /** The id that is asked for; else the server chooses one. */
    public NodeToAdd nodeId(NodeReference value) {
        return with("requestedNewNodeId", value);
    }

    /** As {@link #nodeId(NodeReference)}, in text form: {@code ns=2;s=Speed}. */
    public NodeToAdd nodeId(String value) {
        return nodeId(Nodes.parse(value));
    }

    /** Another reference from the parent than is usual for the class. */
    public NodeToAdd by(NodeReference referenceType) {
        return with("referenceTypeId", referenceType);
    }

    /** The name for people; the browse name's text unless given. */
    public NodeToAdd displayName(String value) {
        return with("displayName", value);
    }

    public NodeToAdd description(String value) {
        return with("description", value);
    }

    /** Which attributes may be written, as bits (Part 3, 5.2.7). */
    public NodeToAdd writeMask(long value) {
        return with("writeMask", value);
    }

    /** The same for this user. */
    public NodeToAdd userWriteMask(long value) {
        return with("userWriteMask", value);
    }

    // Of some classes

    /** The type of an object or variable. */
    public NodeToAdd typeDefinition(NodeReference value) {
        return with("typeDefinition", value, INSTANCES);
    }

    /**
     * The value of a variable or variable type. Data type and value rank follow it, unless they are given, before or after it.
     *
     * @param value what {@link Json#of} takes
     * @throws RequestFailedException.WriteTypeMismatch if it does not fit the type
     */
    public NodeToAdd value(Object value, BuiltinType type) {
        return value(TypedValue.of(value, type).variant());
    }

    /** As {@link #value(Object, BuiltinType)}, of a value that has its type. */
    public NodeToAdd value(Variant value) {
        return with("value", value, VARIABLES);
    }

    /** BaseDataType (i=24) unless given here or by {@link #value}. */
    public NodeToAdd dataType(NodeReference value) {
        return with("dataType", value, VARIABLES);
    }

    /** As {@link #dataType(NodeReference)}, in text form: {@code i=11}. */
    public NodeToAdd dataType(String value) {
        return dataType(Nodes.parse(value));
    }

    /** -1 a scalar, 1 and more so many dimensions, 0 one or more, -2 anything, -3 a scalar or one dimension (Part 3, 5.6.2). */
    public NodeToAdd valueRank(int value) {
        return with("valueRank", value, VARIABLES);
    }

    /** The length of each dimension; 0 = any. */
    public NodeToAdd arrayDimensions(Integer... value) {
        return with("arrayDimensions", List.of(value), VARIABLES);
    }

    /** Bits: 1 read, 2 write, 4 read history, 8 write history (Part 3, 8.57); 1 unless given. This user has the same unless it is given too. */
    public NodeToAdd accessLevel(int value) {
        return with("accessLevel", value, Set.of(NodeClass.VARIABLE));
    }

    /** As {@link #accessLevel}, of this user. */
    public NodeToAdd userAccessLevel(int value) {
        return with("userAccessLevel", value, Set.of(NodeClass.VARIABLE));
    }

    /** How often the server can look at the source, to its nanosecond. */
    public NodeToAdd minimumSamplingInterval(Duration value) {
        return with("minimumSamplingInterval", Results.millis(value), Set.of(NodeClass.VARIABLE));
    }

    public NodeToAdd historizing(boolean value) {
        return with("historizing", value, Set.of(NodeClass.VARIABLE));
    }

    /** Bits: 1 events, 4 read their history, 8 write it (Part 3, 8.59); of an object or view. */
    public NodeToAdd eventNotifier(int value) {
        return with("eventNotifier", value, NOTIFIERS);
    }

    /** Whether a method can be called, by this user too. */
    public NodeToAdd executable(boolean value) {
        return with("executable", value, Set.of(NodeClass.METHOD))
                .with("userExecutable", value, Set.of(NodeClass.METHOD));
    }

    public NodeToAdd isAbstract(boolean value) {
        return with("isAbstract", value, TYPES);
    }

    /** Whether a reference type means the same in both directions. */
    public NodeToAdd symmetric(boolean value) {
        return with("symmetric", value, Set.of(NodeClass.REFERENCE_TYPE));
    }

    /** What a reference type is called in the other direction. */
    public NodeToAdd inverseName(String value) {
        return with("inverseName", value, Set.of(NodeClass.REFERENCE_TYPE));
    }

    /** Whether following a view's references never comes back. */
    public NodeToAdd containsNoLoops(boolean value) {
        return with("containsNoLoops", value, Set.of(NodeClass.VIEW));
    }

    private NodeToAdd with(String name, Object value, Set<NodeClass> having) {
        if (!having.contains(nodeClass)) {
            throw new IllegalArgumentException(
                    name + ": got " + value + " for a node of class " + nodeClass + ", which only " + having + " have");
        }
        return with(name, value);
    }

    private NodeToAdd with(String name, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(name, value);
        return new NodeToAdd(nodeClass, Collections.unmodifiableMap(changed));
    }

    /** What was given, and what follows from it where nothing else was. */
    Map<String, Object> members() {
        Map<String, Object> all = new LinkedHashMap<>(members);
        if (members.get("value") instanceof Variant value) {
            BuiltinType type = value.type();
            if (type != null) {
                all.putIfAbsent("dataType", NodeId.numeric(0, type.id()));
            }
            if (value.isArray()) {
                List<Integer> dimensions = value.dimensions();
                all.putIfAbsent("valueRank", dimensions == null ? 1 : Math.max(1, dimensions.size()));
            }
        }
        if (members.get("accessLevel") instanceof Integer accessLevel) {
            all.putIfAbsent("userAccessLevel", accessLevel);
        }
        return all;
    }
}
