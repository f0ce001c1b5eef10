package io.github.opcuasm.daemon.datatype;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.OpcUaErrors;
import io.github.opcuasm.daemon.opcua.ServerInfo;
import io.github.opcuasm.daemon.opcua.ServerTypes;
import io.github.opcuasm.daemon.opcua.ServiceCalls;
import io.github.opcuasm.daemon.opcua.TypeMapper;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.StructureValue;
import io.github.opcuasm.protocol.type.Variant;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one server's types, shared by all sessions with it.
 *
 * <p>Types are asked for when a value of them is first met, not before, and for some minutes they are not asked for
 * again. A type that the server does not describe is remembered too, so that its values, which go out without their
 * fields then, cost nothing more. When a body does not fit its type, the type is asked for once more, but no more often
 * than the interval below: some servers describe their types wrongly for good. Those who need a type while somebody asks
 * for it wait for that one's answer, within their own patience. When the server does not answer such questions, values go
 * out without their fields for a while, rather than each waiting again.
 *
 * <p>Thread-safe. The number of types has a bound, and times come from the ticker.
 */
public final class TypeRegistry implements ServerTypes {
    private static final Duration KNOWN_FOR = Duration.ofMinutes(5);
    private static final Duration UNKNOWN_FOR = Duration.ofMinutes(1);
    private static final Duration UNANSWERED_FOR = Duration.ofSeconds(30);
    private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(10);
    private static final int MAX_TYPES = 20_000;

    private final ServerInfo server;
    private final CompletableFuture<ServerTypes> atOnce = CompletableFuture.completedFuture(this);
    private final StandardTypes standard;
    private final DefinitionReader definitions;
    private final Cache<NodeId, ValueType> known;
    private final Cache<NodeId, Boolean> unknown;
    private final Cache<NodeId, Boolean> unanswered;
    private final Cache<NodeId, Boolean> askedAgain;
    private final Cache<NodeId, Boolean> misfits;
    private final Cache<Integer, Integer> discovered;
    private final Map<NodeId, CompletableFuture<Void>> underWay = new HashMap<>();

    /** @param server as a session with it found it */
    TypeRegistry(ServerInfo server, StandardTypes standard, Ticker ticker) {
        this.server = server;
        this.standard = standard;
        this.definitions = new DefinitionReader(standard);
        this.known = cache(ticker, KNOWN_FOR);
        this.unknown = cache(ticker, UNKNOWN_FOR);
        this.unanswered = cache(ticker, UNANSWERED_FOR);
        this.askedAgain = cache(ticker, ASKED_AGAIN_AFTER);
        this.discovered = cache(ticker, KNOWN_FOR);
        this.misfits = cache(ticker, UNKNOWN_FOR);
    }

    private static <K, V> Cache<K, V> cache(Ticker ticker, Duration lifetime) {
        return Caffeine.newBuilder()
                .maximumSize(MAX_TYPES)
                .expireAfterWrite(lifetime)
                .ticker(ticker::read)
                .executor(Runnable::run)
                .build();
    }

    @Override
    public NamespaceTable namespaces() {
        return server.namespaces();
    }

    /** A structure that is not part of an answer. */
    @Override
    public @Nullable StructureValue decode(ExtensionObject object) {
        int bytes = object instanceof ExtensionObject.Binary binary && binary.getBody() != null
                ? binary.getBody().length()
                : 0;
        return decode(object, 0, DecodingBudget.ofBody(bytes));
    }

    /** Whether a session with this server may ask for types here: the same run, and the same namespaces. */
    boolean isOf(ServerInfo session) {
        return server.isOfSameSession(session)
                || (Objects.equals(server.startTime(), session.startTime())
                        && Arrays.equals(
                                server.namespaces().toArray(),
                                session.namespaces().toArray()));
    }

    /**
     * Sees to it that the structures in {@code values} can be decoded, those in other structures too, as far as the
     * server tells. Completes at once, and costs nothing, if there are no structures; at once too if all types are known,
     * or known to be unknown. The future does not fail: what could not be found out in time, or is more than may be made
     * of the bytes, goes out without its fields.
     *
     * @param values Variants or DataValues as Milo decoded them
     * @return what to map these values with, and no others; it has decoded the first ones already
     */
    public CompletableFuture<ServerTypes> prepare(ServiceCalls calls, List<?> values) {
        return Preparation.isNeeded(values) ? Preparation.of(this, values).run(calls) : atOnce;
    }

    /**
     * The type of a variable or argument.
     *
     * @return null if the server does not tell; fails if it cannot be asked
     */
    public CompletableFuture<@Nullable ValueType> typeOf(
            ServiceCalls calls, io.github.opcuasm.protocol.type.NodeId dataType) {
        NodeId id = TypeMapper.toMilo(dataType);
        ValueType found = known.getIfPresent(id);
        if (found == null) {
            found = standard.of(id);
        }
        // The table of standard types has no numbers of enumerations, the server has.
        boolean told = found != null
                && !(found instanceof ValueType.Enumeration list
                        && list.constants().isEmpty());
        if (told || unknown.getIfPresent(id) != null) {
            return CompletableFuture.completedFuture(found);
        }
        return resolve(calls, Set.of(id), false).thenApply(done -> find(id));
    }

    /**
     * Encodes what a request gives by its fields, and checks enumerations.
     *
     * @param declared the type of the variable or argument; null if unknown
     * @param name of the value in messages
     * @return fails with {@code WriteTypeMismatchException} if a value does not fit its type
     */
    public CompletableFuture<Variant> encode(
            ServiceCalls calls, Variant value, @Nullable ValueType declared, String name) {
        return encode(calls, value, declared, name, new HashSet<>());
    }

    private CompletableFuture<Variant> encode(
            ServiceCalls calls, Variant value, @Nullable ValueType declared, String name, Set<NodeId> asked) {
        RequestEncoder encoder = new RequestEncoder(
                (typeId, missing) -> {
                    NodeId id = TypeMapper.toMilo(typeId);
                    if (find(id) instanceof StructureShape shape) {
                        return shape;
                    }
                    if (find(id) == null && unknown.getIfPresent(id) == null && !asked.contains(id)) {
                        missing.add(typeId);
                    }
                    return null;
                },
                this);
        Variant encoded = encoder.variant(value, declared, name);
        if (encoder.missing().isEmpty()) {
            return CompletableFuture.completedFuture(encoded);
        }
        Set<NodeId> open = new HashSet<>();
        encoder.missing().forEach(id -> open.add(TypeMapper.toMilo(id)));
        asked.addAll(open);
        return resolve(calls, open, true).thenCompose(done -> encode(calls, value, declared, name, asked));
    }

    /**
     * Asks for all structures and enumerations.
     *
     * @param namespaceIndex only those of this namespace; null = of all but 0
     * @param useCache whether an answer of some minutes ago will do; if not, all that is known is forgotten
     * @return how many types can be decoded
     */
    public CompletableFuture<Integer> discover(ServiceCalls calls, @Nullable Integer namespaceIndex, boolean useCache) {
        int key = namespaceIndex == null ? -1 : namespaceIndex;
        Integer before = useCache ? discovered.getIfPresent(key) : null;
        if (before != null) {
            return CompletableFuture.completedFuture(before);
        }
        if (!useCache) {
            flush();
        }
        TypeTree tree = new TypeTree(new TypeNodes(calls, definitions, this), standard);
        return tree.resolve(namespaceIndex, standard::of).thenApply(found -> {
            learn(found.types());
            unknown.invalidateAll(found.types().keySet());
            discovered.put(key, found.count());
            return found.count();
        });
    }

    /** Forgets everything; the next value asks anew. */
    public void flush() {
        known.invalidateAll();
        unknown.invalidateAll();
        unanswered.invalidateAll();
        askedAgain.invalidateAll();
        discovered.invalidateAll();
        misfits.invalidateAll();
    }

    /** Whether the type with this id, or of this encoding, may become known by asking. */
    boolean isOpen(NodeId id) {
        return find(id) == null
                && unknown.getIfPresent(id) == null
                && unanswered.getIfPresent(id) == null
                && id.isNotNull();
    }

    /** Whether a body did not fit the type, and it is time to ask for it again. */
    boolean isDoubtful(NodeId id) {
        return misfits.getIfPresent(id) != null
                && askedAgain.getIfPresent(id) == null
                && unanswered.getIfPresent(id) == null
                && standard.of(id) == null;
    }

    @Nullable
    ValueType find(NodeId id) {
        ValueType found = known.getIfPresent(id);
        return found != null ? found : standard.of(id);
    }

    /**
     * Decodes one structure.
     *
     * @param depth how deep in others the object is
     * @param budget what may be made of it
     */
    @Nullable
    StructureValue decode(ExtensionObject object, int depth, DecodingBudget budget) {
        if (depth >= StructureDecoder.MAX_DEPTH
                || budget.isSpent()
                || !(object instanceof ExtensionObject.Binary binary)
                || !(find(object.getEncodingOrTypeId()) instanceof StructureShape shape)) {
            return null;
        }
        byte[] body = binary.getBody() == null ? null : binary.getBody().bytes();
        if (body == null) {
            return null;
        }
        try {
            return new StructureDecoder(body, new Nested(this, depth + 1, budget), depth, budget).decode(shape);
        } catch (DecodingBudget.SpentException e) {
            return null;
        } catch (RuntimeException e) {
            misfits.put(object.getEncodingOrTypeId(), true);
            return null;
        }
    }

    /** Types as the server describes them, by the ids of data types and of encodings. */
    void learn(Map<NodeId, ValueType> types) {
        known.putAll(types);
    }

    /** Remembers for a while that nobody answers for these types. */
    void giveUp(Set<NodeId> ids) {
        ids.forEach(id -> unanswered.put(id, true));
    }

    /** Asks for the types once more that bodies did not fit. */
    CompletableFuture<Void> resolveAgain(ServiceCalls calls, Set<NodeId> ids) {
        ids.forEach(id -> {
            askedAgain.put(id, true);
            misfits.invalidate(id);
        });
        return ask(calls, ids, true, true);
    }

    /**
     * Asks for types.
     *
     * @param mayBeEncodings whether the ids may be those of encodings
     */
    CompletableFuture<Void> resolve(ServiceCalls calls, Set<NodeId> ids, boolean mayBeEncodings) {
        Set<NodeId> mine = new HashSet<>();
        Set<CompletableFuture<Void>> others = new HashSet<>();
        CompletableFuture<Void> answer = new CompletableFuture<>();
        synchronized (underWay) {
            for (NodeId id : ids) {
                CompletableFuture<Void> other = underWay.putIfAbsent(id, answer);
                if (other == null) {
                    mine.add(id);
                } else {
                    others.add(other);
                }
            }
        }
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        if (!mine.isEmpty()) {
            ask(calls, mine, mayBeEncodings, false).whenComplete((nothing, failure) -> {
                synchronized (underWay) {
                    mine.forEach(underWay::remove);
                }
                if (failure == null) {
                    answer.complete(null);
                } else {
                    answer.completeExceptionally(OpcUaErrors.unwrap(failure));
                }
            });
            done = answer;
        }
        if (others.isEmpty()) {
            return done;
        }
        CompletableFuture<Void> allOthers = CompletableFuture.allOf(others.toArray(CompletableFuture[]::new));
        return done.thenCompose(nothing -> within(calls, allOthers)).thenCompose(nothing -> {
            // Whoever asked may have been cancelled, or had less time.
            Set<NodeId> open = new HashSet<>(ids);
            open.removeIf(id -> !isOpen(id));
            return open.isEmpty() ? CompletableFuture.completedFuture(null) : ask(calls, open, mayBeEncodings, false);
        });
    }

    /** Completes with {@code others}, however they end, but no later than the caller can wait. */
    private static CompletableFuture<Void> within(ServiceCalls calls, CompletableFuture<Void> others) {
        CompletableFuture<Void> enough = new CompletableFuture<>();
        others.whenComplete((nothing, failure) -> enough.complete(null));
        if (!enough.isDone()) {
            calls.session().schedule(() -> enough.complete(null), calls.patience());
        }
        return enough;
    }

    private CompletableFuture<Void> ask(ServiceCalls calls, Set<NodeId> ids, boolean mayBeEncodings, boolean allAnew) {
        TypeResolution resolution =
                new TypeResolution(new TypeNodes(calls, definitions, this), allAnew ? standard::of : this::find);
        return (mayBeEncodings ? resolution.of(ids) : resolution.ofDataTypes(ids)).handle((types, failure) -> {
            if (failure == null) {
                learn(types);
                ids.forEach(id -> remember(id, types.containsKey(id)));
                return null;
            }
            Throwable cause = OpcUaErrors.unwrap(failure);
            boolean refused = cause instanceof CommandException error
                    && (error.type() == ErrorType.SERVICE || error.type() == ErrorType.SERVICE_UNSUPPORTED);
            if (refused) {
                ids.forEach(id -> remember(id, find(id) != null));
                return null;
            }
            // Who was cancelled found nothing out about the server.
            if (cause instanceof CommandException error && error.type() == ErrorType.CONNECTION) {
                giveUp(ids);
            }
            throw cause instanceof CommandException error ? error : new IllegalStateException(cause);
        });
    }

    private void remember(NodeId id, boolean isKnown) {
        unanswered.invalidate(id);
        if (isKnown) {
            unknown.invalidate(id);
        } else {
            known.invalidate(id);
            unknown.put(id, true);
        }
    }

    /** The same types, for what is in a structure. */
    private record Nested(TypeRegistry registry, int depth, DecodingBudget budget) implements ServerTypes {
        @Override
        public NamespaceTable namespaces() {
            return registry.namespaces();
        }

        @Override
        public @Nullable StructureValue decode(ExtensionObject object) {
            return registry.decode(object, depth, budget);
        }
    }
}
