package io.github.opcuasm.daemon.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Takes over SIGTERM, SIGINT and SIGHUP. The JDK's {@code sun.misc.Signal} is reached by reflection: the import is
 * warned about, and a shutdown hook instead would make the process exit with 143. SIGQUIT stays the JVM's.
 *
 * <p>Each action runs on a thread of its own that the JVM starts for the signal, so it may block.
 */
public final class Signals implements AutoCloseable {
    private final Consumer<String> unhandled;
    private final Deque<Installed> installed = new ArrayDeque<>();

    private record Installed(Object signal, Object previous) {}

    private Signals(Consumer<String> unhandled) {
        this.unhandled = unhandled;
    }

    /**
     * Installs handlers; the returned object puts the former ones back.
     *
     * @param onTerminate the first TERM or INT
     * @param onSecondTerminate every further one
     * @param onHangup every HUP
     * @param unhandled is told of each signal that this JVM leaves to nobody (not on this system, or {@code -Xrs})
     */
    public static Signals install(
            Runnable onTerminate, Runnable onSecondTerminate, Runnable onHangup, Consumer<String> unhandled) {
        Signals signals = new Signals(unhandled);
        AtomicBoolean terminated = new AtomicBoolean();
        Runnable terminate = () -> (terminated.compareAndSet(false, true) ? onTerminate : onSecondTerminate).run();
        signals.handle("TERM", terminate);
        signals.handle("INT", terminate);
        signals.handle("HUP", onHangup);
        return signals;
    }

    /** Puts the former handlers back. May run twice. */
    @Override
    public void close() {
        while (true) {
            Installed last = installed.pollLast();
            if (last == null) {
                return;
            }
            try {
                handleMethod().invoke(null, last.signal(), last.previous());
            } catch (ReflectiveOperationException e) {
                unhandled.accept("Restoring the handler of " + last.signal() + " failed: " + e);
            }
        }
    }

    private void handle(String name, Runnable action) {
        try {
            Object signal = Class.forName("sun.misc.Signal")
                    .getConstructor(String.class)
                    .newInstance(name);
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        String called = method.getName();
                        if (called.equals("handle")) {
                            action.run();
                            return null;
                        }
                        if (called.equals("equals")) {
                            return arguments != null && proxy == arguments[0];
                        }
                        return called.equals("hashCode") ? (Object) System.identityHashCode(proxy) : "SIG" + name;
                    });
            Object previous = handleMethod().invoke(null, signal, handler);
            installed.addLast(new Installed(signal, previous));
        } catch (InvocationTargetException e) {
            unhandled.accept("SIG" + name + " is not handled: " + e.getCause());
        } catch (ReflectiveOperationException e) {
            unhandled.accept("SIG" + name + " is not handled: this Java runtime lacks sun.misc.Signal");
        }
    }

    private static Method handleMethod() throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        return signalType.getMethod("handle", signalType, Class.forName("sun.misc.SignalHandler"));
    }
}
