package io.github.opcuasm.daemon.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over SIGTERM, SIGINT and SIGHUP. The JDK's {@code sun.misc.Signal} is reached by reflection: the import is
 * warned about, and a shutdown hook instead would make the process exit with 143. SIGQUIT stays the JVM's.
 *
 * <p>Each action runs on a thread of its own that the JVM starts for the signal, so it may block.
 */
public final class Signals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private final Deque<Installed> installed = new ArrayDeque<>();

    private record Installed(Object signal, Object previous) {}

    private Signals() {}

    /**
     * Installs handlers; the returned object puts the former ones back.
     *
     * @param onTerminate the first TERM or INT
     * @param onSecondTerminate every further one
     * @param onHangup every HUP
     */
    public static Signals install(Runnable onTerminate, Runnable onSecondTerminate, Runnable onHangup) {
        Signals signals = new Signals();
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
                LOG.warn("Restoring the handler of {} failed: {}", last.signal(), e.toString());
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
            // Not on this system, or kept by the JVM (-Xrs).
            LOG.info("SIG{} is not handled: {}", name, String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            LOG.warn("SIG{} is not handled: this Java runtime lacks sun.misc.Signal", name);
        }
    }

    private static Method handleMethod() throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        return signalType.getMethod("handle", signalType, Class.forName("sun.misc.SignalHandler"));
    }
}
