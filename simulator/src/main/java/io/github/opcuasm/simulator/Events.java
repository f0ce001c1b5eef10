package io.github.opcuasm.simulator;

import java.util.function.Supplier;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Events on demand. Those of Events/Notifier and Alarms/HighTemperature reach the event items of these objects and
 * of the Server object before the method returns; whether they pass is up to the items' filters. All methods may
 * be called from any thread and throw {@link IllegalStateException} while the simulator does not run. A severity
 * is between 1 and 1,000 (Part 5, 6.4.2).
 *
 * <p>After each start the alarm is inactive, acknowledged and confirmed.
 */
public final class Events {
    private final Supplier<@Nullable EventNodes> nodes;

    Events(Supplier<@Nullable EventNodes> nodes) {
        this.nodes = nodes;
    }

    /**
     * Emits a BaseEventType of Events/Notifier.
     *
     * @return its EventId
     */
    public ByteString emit(String message, int severity) {
        return nodes().emit(message, severity);
    }

    /**
     * Emits an event of any type on Events/Notifier.
     *
     * @param eventType BaseEventType or a type below it, such as SystemEventType; fields of its own have no values
     * @param sourceName its SourceName
     * @return its EventId
     */
    public ByteString emit(NodeId eventType, String sourceName, String message, int severity) {
        return nodes().emit(eventType, sourceName, message, severity);
    }

    /**
     * Emits an Events/MachineEventType of Events/Notifier, which has the fields Machine (String) and Count (UInt32)
     * of namespace {@link Simulator#NAMESPACE_URI}.
     *
     * @param count at least 0
     * @return its EventId
     */
    public ByteString emitMachineEvent(String message, int severity, String machine, int count) {
        return nodes().emitMachineEvent(message, severity, machine, count);
    }

    /**
     * Makes the alarm active and not acknowledged, also if it is active already.
     *
     * @param temperature the new value of Alarms/Temperature, in degrees Celsius
     * @return the EventId
     */
    public ByteString activateAlarm(double temperature) {
        return nodes().alarm().activate(temperature);
    }

    /**
     * Makes the alarm inactive; it is retained until it is acknowledged.
     *
     * @param temperature the new value of Alarms/Temperature, in degrees Celsius
     * @return the EventId
     */
    public ByteString deactivateAlarm(double temperature) {
        return nodes().alarm().deactivate(temperature);
    }

    /**
     * Whether the alarm, once acknowledged, waits to be confirmed as well (Part 9, 5.7.2); at first it does not. It is
     * retained until then.
     */
    public void alarmWantsConfirmation(boolean wanted) {
        nodes().alarm().wantsConfirmation(wanted);
    }

    /**
     * Confirms the alarm as a client does by its method Confirm.
     *
     * @return the EventId
     */
    public ByteString confirmAlarm(String comment) {
        return nodes().alarm().confirm(comment);
    }

    /**
     * Acknowledges the alarm as a client does by its method Acknowledge.
     *
     * @return the EventId
     */
    public ByteString acknowledgeAlarm(String comment) {
        return nodes().alarm().acknowledge(comment);
    }

    private EventNodes nodes() {
        EventNodes running = nodes.get();
        if (running == null) {
            throw new IllegalStateException("The simulator does not run");
        }
        return running;
    }
}
