package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.CallContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The methods that {@code query} and {@code invoke} take, one row each: name, parameters, what it does (docs/protocol.md,
 * sections 5 and 6). The rows stand in one class for each service set.
 */
final class MethodTable {
    private final Map<String, Method> methods = new LinkedHashMap<>();

    /**
     * What a method does with its parameters. The future completes with its result, which {@code ResultWriter} and
     * {@code WireWriter} know how to write, or fails with its error. Parameters that do not fit may throw at once.
     */
    @FunctionalInterface
    interface Action {
        CompletableFuture<? extends @Nullable Object> run(CallContext context, Params params);
    }

    /** Which commands reach a method. */
    enum Reach {
        /** {@code query} alone: it tells about the handle, not the server. */
        QUERY,
        /** {@code invoke}, and {@code query} in protocol 2: the methods of section 6. */
        SECTION_6,
        BOTH
    }

    /**
     * One row.
     *
     * @param changesPlant whether its errors say whether it may have been carried out
     * @param answeredOnce whether asking again would not bring the same answer: it takes something out
     * @param scope what a principal must have to use it
     * @param targets what it touches, for those whose scope is limited
     */
    record Method(
            String name,
            boolean changesPlant,
            boolean answeredOnce,
            Reach reach,
            Scope scope,
            Targets targets,
            Action action) {
        /** One that reads. */
        Method(String name, Reach reach, Action action) {
            this(name, false, false, reach, Scope.READ, Targets.NONE, action);
        }
    }

    /** Takes rows in. */
    final class Rows {
        /** A method that asks the server. */
        void reading(String name, Action action) {
            add(new Method(name, Reach.BOTH, action));
        }

        /** A method that connects to a server of its own. */
        void connecting(String name, Targets server, Action action) {
            add(new Method(name, false, false, Reach.BOTH, Scope.READ, server, action));
        }

        /** As {@link #connecting}, but only {@code query} has it: the typed notation of PHP has no such result. */
        void asking(String name, Targets server, Action action) {
            add(new Method(name, false, false, Reach.QUERY, Scope.READ, server, action));
        }

        /** A method that takes out what it answers with. */
        void taking(String name, Action action) {
            add(new Method(name, false, true, Reach.BOTH, Scope.READ, Targets.NONE, action));
        }

        /** A method that may change the plant. */
        void changing(String name, Scope scope, Targets targets, Action action) {
            add(new Method(name, true, false, Reach.BOTH, scope, targets, action));
        }

        /** A method that only {@code query} has and whose answer is known here. */
        void telling(String name, Function<CallContext, @Nullable Object> answer) {
            add(new Method(
                    name, Reach.QUERY, (context, params) -> CompletableFuture.completedFuture(answer.apply(context))));
        }

        /** A method of section 6 that asks the server. */
        void reading6(String name, Action action) {
            add(new Method(name, Reach.SECTION_6, action));
        }

        /** A method of section 6 that may change the plant. */
        void changing6(String name, Scope scope, Targets targets, Action action) {
            add(new Method(name, true, false, Reach.SECTION_6, scope, targets, action));
        }

        void add(Method method) {
            if (methods.putIfAbsent(method.name(), method) != null) {
                throw new IllegalArgumentException("method: " + method.name() + " has two rows");
            }
        }
    }

    MethodTable(List<Consumer<Rows>> groups) {
        groups.forEach(group -> group.accept(new Rows()));
    }

    /** The method that {@code query} knows by this name, in protocol 1 or 2. */
    @Nullable
    Method forQuery(String name, int protocol) {
        Method method = methods.get(name);
        return method == null || (method.reach() == Reach.SECTION_6 && protocol < 2) ? null : method;
    }

    /** The method that {@code invoke} knows by this name. */
    @Nullable
    Method forInvoke(String name) {
        Method method = methods.get(name);
        return method == null || method.reach() == Reach.QUERY ? null : method;
    }

    /** The method of this name, whichever command knows it. */
    @Nullable
    Method named(String name) {
        return methods.get(name);
    }

    /** The names that {@code invoke} takes, in the order of their rows. */
    List<String> invocable() {
        return methods.keySet().stream().filter(name -> forInvoke(name) != null).toList();
    }

    Set<String> names() {
        return methods.keySet();
    }
}
