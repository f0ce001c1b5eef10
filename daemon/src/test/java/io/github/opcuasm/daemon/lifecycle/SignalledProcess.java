package io.github.opcuasm.daemon.lifecycle;

/** A process that says which signal came; a byte on its input makes it restore the JVM's handlers. */
final class SignalledProcess {
    private SignalledProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (AutoCloseable signals = Signals.install(
                () -> System.out.println("terminate"),
                () -> System.out.println("second"),
                () -> System.out.println("hangup"),
                unhandled -> System.out.println(unhandled))) {
            System.out.println(signals == null ? "nothing" : "ready");
            if (System.in.read() < 0) {
                return;
            }
        }
        System.out.println("restored");
        while (System.in.read() >= 0) {
            // Stays until it is killed.
        }
    }
}
