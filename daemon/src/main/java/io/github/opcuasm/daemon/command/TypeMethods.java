package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.TypeService;

/** The methods about the server's data types. */
final class TypeMethods {
    private static final int MAX_NAMESPACE = 65_535;

    private final TypeService types;

    TypeMethods(TypeService types) {
        this.types = types;
    }

    void addTo(MethodTable.Rows rows) {
        rows.reading(
                "discoverDataTypes",
                (context, p) -> types.discover(
                        context,
                        p.get(0, "namespaceIndex").wholeOrNull(0, MAX_NAMESPACE),
                        p.get(1, "useCache").flag(true)));
    }
}
