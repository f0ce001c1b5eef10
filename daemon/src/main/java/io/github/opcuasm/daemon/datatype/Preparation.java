package io.github.opcuasm.daemon.datatype;

import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
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
 * asked for, and those are decoded again. The rounds are bounded: beyond, structures go out without their fields.
 */
final class Preparation {
    private static final int MAX_ROUNDS = 8;
    private static final int MAX_OBJECTS = 10_000;
    private static final int MAX_NESTING = 64;

    private final TypeRegistry registry;
    private final List<ExtensionObject> objects = new ArrayList<>();
    private final Set<NodeId> sampled = new HashSet<>();
    private final Set<NodeId> doubtful = new HashSet<>();
    private final IdentityHashMap<ExtensionObject, StructureValue> decoded = new IdentityHashMap<>();

    private Preparation(TypeRegistry registry) {
        this.registry = registry;
    }

    /** Empty if there are no structures in {@code values}: so it is for most answers. */
    static Optional<Preparation> of(
            TypeRegistry registry, List<org.eclipse.milo.opcua.stack.core.types.builtin.@Nullable Variant> values) {
        Preparation preparation = new Preparation(registry);
        for (var value : values) {
            preparation.collect(value, 0);
        }
        return preparation.objects.isEmpty() ? Optional.empty() : Optional.of(preparation);
    }

    CompletableFuture<ServerTypes> run(ServiceCalls calls) {
        return round(calls, objects, 0)
                .handle((done, failure) -> decoded.isEmpty() ? registry : new Decoded(registry, decoded));
    }

    private void collect(@Nullable Object value, int depth) {
        if (depth == MAX_NESTING || objects.size() == MAX_OBJECTS) {
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
        } else if (value instanceof ExtensionObject[]
                || value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.Variant[]
                || value instanceof org.eclipse.milo.opcua.stack.core.types.builtin.DataValue[]) {
            for (Object element : (Object[]) value) {
                collect(element, depth + 1);
            }
        }
    }

    private void add(ExtensionObject.Binary object) {
        if (object.getBody() != null && object.getBody().isNotNull()) {
            objects.add(object);
        }
    }

    private CompletableFuture<Void> round(ServiceCalls calls, List<ExtensionObject> open, int round) {
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
        StructureValue value = registry.decode(object, 0);
        if (registry.isDoubtful(id)) {
            doubtful.add(id);
            sampled.remove(id);
            return false;
        }
        if (value == null) {
            return true;
        }
        if (first) {
            decoded.put(object, value);
        }
        int before = missing.size();
        int doubtsBefore = doubtful.size();
        if (mayHoldOthers) {
            lookThrough(value, missing, 0);
        }
        if (missing.size() == before && doubtful.size() == doubtsBefore) {
            return true;
        }
        decoded.remove(object);
        sampled.remove(id);
        return false;
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

        Decoded(TypeRegistry registry, IdentityHashMap<ExtensionObject, StructureValue> values) {
            this.registry = registry;
            this.values = values;
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
            return value != null ? value : registry.decode(object);
        }
    }
}
