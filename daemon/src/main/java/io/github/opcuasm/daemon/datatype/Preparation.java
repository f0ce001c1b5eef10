package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.Matrix;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Gets the types for the structures of one answer.
 *
 * <p>First the types that the structures name. Then one structure of each type is decoded, to see whether it fits, and
 * kept, so that an answer with one structure decodes it once; where other structures may be inside, all of them are
 * decoded and looked through, up to a bound, because each may hold others. What is found to be missing or not to fit is
 * asked for, and those are decoded again. Bounded are the rounds, what is decoded in all of them together (see
 * {@link DecodingBudget}), and the time: beyond, structures go out without their fields. The value is there already, so
 * nobody shall wait long for its fields; what the server was asked goes on, for those who come later. Its steps run on one
 * thread, the session's event loop.
 */
final class Preparation {
    private static final int MAX_ROUNDS = 8;
    private static final int MAX_OBJECTS = 10_000;
    private static final int MAX_NESTING = 64;
    private static final int MAX_KEPT_VALUES = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final TypeRegistry registry;
    private final List<ExtensionObject> objects = new ArrayList<>();
    private final Set<NodeId> sampled = new HashSet<>();
    private final Set<NodeId> doubtful = new HashSet<>();
    private final IdentityHashMap<ExtensionObject, StructureValue> decoded = new IdentityHashMap<>();

    private final Set<NodeId> awaited = new HashSet<>();
    private DecodingBudget budget = DecodingBudget.ofAnswer(0);
    private long bytes;
    private long keptValues;
    private boolean isOver;

    private Preparation(TypeRegistry registry) {
        this.registry = registry;
    }

    /** Whether there are structures in {@code values}: in most answers there are none. Allocates nothing. */
    static boolean isNeeded(List<?> values) {
        for (int i = 0; i < values.size(); i++) {
            if (holdsStructure(values.get(i), 0)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holdsStructure(@Nullable Object value, int depth) {
        if (depth == MAX_NESTING) {
            return false;
        }
        if (value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.DataValue dataValue) {
            return holdsStructure(dataValue.getValue(), depth + 1);
        } else if (value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.Variant variant) {
            return holdsStructure(variant.getValue(), depth + 1);
        } else if (value instanceof ExtensionObject) {
            return true;
        } else if (value instanceof Matrix matrix) {
            return holdsStructure(matrix.getElements(), depth + 1);
        } else if (value instanceof Object[] array && mayHoldStructures(array)) {
            for (Object element : array) {
                if (holdsStructure(element, depth + 1)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean mayHoldStructures(Object[] array) {
        return array instanceof ExtensionObject[]
                || array instanceof org.eclipse.milo.opcua.stack.core.types.builtin.Variant[]
                || array instanceof org.eclipse.milo.opcua.stack.core.types.builtin.DataValue[];
    }

    static Preparation of(TypeRegistry registry, List<?> values) {
        Preparation preparation = new Preparation(registry);
        values.forEach(value -> preparation.collect(value, 0));
        preparation.budget = DecodingBudget.ofAnswer(preparation.bytes);
        return preparation;
    }

    CompletableFuture<ServerTypes> run(ServiceCalls calls) {
        CompletableFuture<ServerTypes> prepared = new CompletableFuture<>();
        round(calls, objects, 0).whenComplete((done, failure) -> prepared.complete(end()));
        if (!prepared.isDone()) {
            Duration patience = calls.patience().compareTo(PATIENCE) < 0 ? calls.patience() : PATIENCE;
            Runnable cancelTimer = calls.session()
                    .schedule(
                            () -> {
                                if (!isOver) {
                                    registry.giveUp(awaited);
                                    prepared.complete(end());
                                }
                            },
                            patience);
            prepared.whenComplete((types, failure) -> cancelTimer.run());
        }
        return prepared;
    }

    /** What is decoded from here on is asked for by others, and no round follows. */
    private ServerTypes end() {
        isOver = true;
        return new Decoded(registry, decoded, budget);
    }

    private void collect(@Nullable Object value, int depth) {
        if (depth == MAX_NESTING) {
            return;
        }
        if (value instanceof ExtensionObject.Binary object) {
            add(object);
        } else if (value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.Variant variant) {
            collect(variant.getValue(), depth + 1);
        } else if (value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.DataValue dataValue) {
            collect(dataValue.getValue(), depth + 1);
        } else if (value instanceof Matrix matrix) {
            collect(matrix.getElements(), depth + 1);
        } else if (value instanceof Object[] array && mayHoldStructures(array)) {
            for (Object element : array) {
                collect(element, depth + 1);
            }
        }
    }

    private void add(ExtensionObject.Binary object) {
        if (object.getBody() != null && object.getBody().isNotNull()) {
            bytes += object.getBody().length();
            if (objects.size() < MAX_OBJECTS) {
                objects.add(object);
            }
        }
    }

    private CompletableFuture<Void> round(ServiceCalls calls, List<ExtensionObject> open, int round) {
        if (isOver) {
            return CompletableFuture.completedFuture(null);
        }
        Set<NodeId> missing = new HashSet<>();
        List<ExtensionObject> again = new ArrayList<>();
        doubtful.clear();
        for (ExtensionObject object : open) {
            if (!isComplete(object, missing)) {
                again.add(object);
            }
        }
        if (round == MAX_ROUNDS || (missing.isEmpty() && doubtful.isEmpty())) {
            return CompletableFuture.completedFuture(null);
        }
        Set<NodeId> misfits = Set.copyOf(doubtful);
        awaited.clear();
        awaited.addAll(missing);
        awaited.addAll(misfits);
        CompletableFuture<Void> resolved =
                missing.isEmpty() ? CompletableFuture.completedFuture(null) : registry.resolve(calls, missing, true);
        return resolved.thenCompose(done -> misfits.isEmpty()
                        ? CompletableFuture.completedFuture(null)
                        : registry.resolveAgain(calls, misfits))
                .thenCompose(done -> round(calls, again, round + 1));
    }

    /** Whether nothing more can be known of the object; else what is to be asked for is in {@code missing} or doubtful. */
    private boolean isComplete(ExtensionObject object, Set<NodeId> missing) {
        NodeId id = object.getEncodingOrTypeId();
        if (registry.isOpen(id)) {
            missing.add(id);
            return false;
        }
        if (!(registry.find(id) instanceof StructureShape shape)) {
            return true;
        }
        boolean first = sampled.add(id);
        boolean mayHoldOthers = shape.mayHoldOthers();
        if (!first && !mayHoldOthers) {
            return true;
        }
        long before = budget.left();
        StructureValue value = registry.decode(object, 0, ofObject(object, budget));
        long cost = before - budget.left();
        if (registry.isDoubtful(id)) {
            doubtful.add(id);
            sampled.remove(id);
            return false;
        }
        if (value == null) {
            return true;
        }
        if (first && keptValues + cost <= MAX_KEPT_VALUES) {
            keptValues += cost;
            decoded.put(object, value);
        }
        int missingBefore = missing.size();
        int doubtsBefore = doubtful.size();
        if (mayHoldOthers) {
            lookThrough(value, missing, 0);
        }
        if (missing.size() == missingBefore && doubtful.size() == doubtsBefore) {
            return true;
        }
        decoded.remove(object);
        sampled.remove(id);
        return false;
    }

    private static DecodingBudget ofObject(ExtensionObject object, DecodingBudget answer) {
        return object instanceof ExtensionObject.Binary binary && binary.getBody() != null
                ? answer.ofObject(binary.getBody().length())
                : answer;
    }

    private void lookThrough(@Nullable Object value, Set<NodeId> missing, int depth) {
        if (depth == MAX_NESTING) {
            return;
        }
        if (value instanceof StructureValue structure) {
            for (int i = 0; i < structure.layout().size(); i++) {
                lookThrough(structure.at(i), missing, depth + 1);
            }
        } else if (value instanceof List<?> list) {
            // Elements are of one class, but for structures, which may lack each other's fields.
            if (!list.isEmpty() && mayHoldOthers(list.get(0))) {
                list.forEach(element -> lookThrough(element, missing, depth + 1));
            }
        } else if (value instanceof Variant variant) {
            lookThrough(variant.value(), missing, depth + 1);
        } else if (value instanceof DataValue dataValue) {
            lookThrough(dataValue.variant(), missing, depth + 1);
        } else if (value instanceof io.github.opcuasm.protocol.type.ExtensionObject object
                && object.body() != null
                && object.encoding() == 1) {
            NodeId id = TypeMapper.toMilo(object.typeId());
            if (object.value() != null) {
                lookThrough(object.value(), missing, depth + 1);
            } else if (registry.isOpen(id)) {
                missing.add(id);
            } else if (registry.isDoubtful(id)) {
                doubtful.add(id);
            }
        }
    }

    private static boolean mayHoldOthers(@Nullable Object element) {
        return element instanceof StructureValue
                || element instanceof Variant
                || element instanceof DataValue
                || element instanceof io.github.opcuasm.protocol.type.ExtensionObject;
    }

    /** The registry's types, and what has been decoded already; each is handed out once, so that none is kept. */
    private static final class Decoded implements ServerTypes {
        private final TypeRegistry registry;
        private final IdentityHashMap<ExtensionObject, StructureValue> values;
        private final DecodingBudget budget;

        Decoded(TypeRegistry registry, IdentityHashMap<ExtensionObject, StructureValue> values, DecodingBudget budget) {
            this.registry = registry;
            this.values = values;
            this.budget = budget;
        }

        @Override
        public NamespaceTable namespaces() {
            return registry.namespaces();
        }

        @Override
        public @Nullable StructureValue decode(ExtensionObject object) {
            StructureValue value;
            synchronized (values) {
                value = values.remove(object);
            }
            return value != null ? value : registry.decode(object, 0, ofObject(object, budget));
        }
    }
}
