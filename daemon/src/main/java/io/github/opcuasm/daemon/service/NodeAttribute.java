package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.service.NodeClass.DATA_TYPE;
import static io.github.opcuasm.daemon.service.NodeClass.METHOD;
import static io.github.opcuasm.daemon.service.NodeClass.OBJECT;
import static io.github.opcuasm.daemon.service.NodeClass.OBJECT_TYPE;
import static io.github.opcuasm.daemon.service.NodeClass.REFERENCE_TYPE;
import static io.github.opcuasm.daemon.service.NodeClass.VARIABLE;
import static io.github.opcuasm.daemon.service.NodeClass.VARIABLE_TYPE;
import static io.github.opcuasm.daemon.service.NodeClass.VIEW;

import java.util.Arrays;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeAttributesMask;

/**
 * An attribute that a new node may be given, which classes of nodes have it, and the bit that says that it was given (Part
 * 4, 7.24). The value is of the class that stands beside each.
 */
public enum NodeAttribute {
    /** {@code LocalizedText}. */
    DISPLAY_NAME("displayName", NodeAttributesMask.DisplayName),
    /** {@code LocalizedText}. */
    DESCRIPTION("description", NodeAttributesMask.Description),
    /** {@code Long}, a UInt32. */
    WRITE_MASK("writeMask", NodeAttributesMask.WriteMask),
    /** {@code Long}, a UInt32. */
    USER_WRITE_MASK("userWriteMask", NodeAttributesMask.UserWriteMask),
    /** {@link NewNodeValue}. */
    VALUE("value", NodeAttributesMask.Value, VARIABLE, VARIABLE_TYPE),
    /** {@code NodeReference}. */
    DATA_TYPE_ID("dataType", NodeAttributesMask.DataType, VARIABLE, VARIABLE_TYPE),
    /** {@code Integer}, -3 and more. */
    VALUE_RANK("valueRank", NodeAttributesMask.ValueRank, VARIABLE, VARIABLE_TYPE),
    /** A list of {@code Long}, each a UInt32. */
    ARRAY_DIMENSIONS("arrayDimensions", NodeAttributesMask.ArrayDimensions, VARIABLE, VARIABLE_TYPE),
    /** {@code Integer}, a Byte. */
    ACCESS_LEVEL("accessLevel", NodeAttributesMask.AccessLevel, VARIABLE),
    /** {@code Integer}, a Byte. */
    USER_ACCESS_LEVEL("userAccessLevel", NodeAttributesMask.UserAccessLevel, VARIABLE),
    /** {@code Double}, milliseconds; -1 for unknown. */
    MINIMUM_SAMPLING_INTERVAL("minimumSamplingInterval", NodeAttributesMask.MinimumSamplingInterval, VARIABLE),
    /** {@code Boolean}. */
    HISTORIZING("historizing", NodeAttributesMask.Historizing, VARIABLE),
    /** {@code Integer}, a Byte. */
    EVENT_NOTIFIER("eventNotifier", NodeAttributesMask.EventNotifier, OBJECT, VIEW),
    /** {@code Boolean}. */
    EXECUTABLE("executable", NodeAttributesMask.Executable, METHOD),
    /** {@code Boolean}. */
    USER_EXECUTABLE("userExecutable", NodeAttributesMask.UserExecutable, METHOD),
    /** {@code Boolean}. */
    IS_ABSTRACT("isAbstract", NodeAttributesMask.IsAbstract, OBJECT_TYPE, VARIABLE_TYPE, REFERENCE_TYPE, DATA_TYPE),
    /** {@code Boolean}. */
    SYMMETRIC("symmetric", NodeAttributesMask.Symmetric, REFERENCE_TYPE),
    /** {@code LocalizedText}. */
    INVERSE_NAME("inverseName", NodeAttributesMask.InverseName, REFERENCE_TYPE),
    /** {@code Boolean}. */
    CONTAINS_NO_LOOPS("containsNoLoops", NodeAttributesMask.ContainsNoLoops, VIEW);

    private final String wireName;
    private final NodeAttributesMask bit;
    /** Their values, added up. */
    private final int nodeClasses;

    /** @param nodeClasses which have it; none given = all */
    NodeAttribute(String wireName, NodeAttributesMask bit, NodeClass... nodeClasses) {
        this.wireName = wireName;
        this.bit = bit;
        this.nodeClasses = Arrays.stream(nodeClasses.length == 0 ? NodeClass.values() : nodeClasses)
                .mapToInt(NodeClass::value)
                .sum();
    }

    /** The member of a request that gives it. */
    public String wireName() {
        return wireName;
    }

    /** Whether nodes of this class have it. */
    public boolean isOf(NodeClass nodeClass) {
        return (nodeClasses & nodeClass.value()) != 0;
    }

    /** The bit of {@code specifiedAttributes}. */
    int bit() {
        return bit.getValue();
    }
}
