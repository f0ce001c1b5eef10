package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.AddressFilter;

/** On whose behalf a handle is opened or used. */
public interface Caller {
    /** The principal's name: handles that it opens belong to it. Stable over connections. */
    String name();

    /** Whether it may use the handles of the principal with this name; of its own it may. */
    boolean mayUse(String owner);

    /** Which addresses it may have connected to. */
    AddressFilter addresses();

    /** Whether its {@code open} is answered with a handle of the daemon's own where there is one. */
    default boolean sharesWithDaemon() {
        return mayUse(DAEMON);
    }

    /** Whose handles are those that the daemon opens itself. */
    String DAEMON = "daemon";

    /** Where nobody is told apart. */
    static Caller anyone() {
        return named("anyone");
    }

    /** The daemon itself, opening what the configuration asks for. */
    static Caller daemon() {
        return named(DAEMON);
    }

    private static Caller named(String name) {
        return new Caller() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean mayUse(String owner) {
                return true;
            }

            @Override
            public AddressFilter addresses() {
                return AddressFilter.ALL;
            }
        };
    }
}
