package io.github.opcuasm.simulator;

import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/**
 * One execution of a method of the simulator. Calls that were refused (wrong arguments, not executable) are none.
 *
 * @param objectId the object that the client named
 * @param methodId the method
 * @param arguments what the client sent, in the order of the InputArguments
 */
public record MethodCall(NodeId objectId, NodeId methodId, List<Variant> arguments) {
    public MethodCall {
        arguments = List.copyOf(arguments);
    }
}
