package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.service.MethodService;
import java.util.List;

/** The methods of the Method service set. */
final class CallMethods {
    private final MethodService methods;

    CallMethods(MethodService methods) {
        this.methods = methods;
    }

    void addTo(MethodTable.Rows rows) {
        rows.changing(
                "call",
                Scope.CALL,
                p -> List.of(p.get(0, "objectId").nodeId(), p.get(1, "methodId").nodeId()),
                (context, p) -> methods.call(
                        context,
                        p.get(0, "objectId").nodeId(),
                        p.get(1, "methodId").nodeId(),
                        p.get(2, "inputArguments").list(Argument::typedVariant)));
    }
}
