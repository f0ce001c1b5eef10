/**
 * An OPC UA server for demonstrations, tests and benchmarks; {@link io.github.opcuasm.simulator.Simulator} is the
 * entrance.
 *
 * <p>Its nodes are in namespace {@code urn:opcuasm:simulator}, index 2, in folders under Objects/Simulator. A
 * variable's id is {@code ns=2;s=FOLDER/NAME}, a folder's {@code ns=2;s=FOLDER}.
 *
 * <table>
 * <caption>Nodes</caption>
 * <tr><th>folder</th><th>variables</th><th>access</th></tr>
 * <tr><td>Scalars</td><td>Boolean, SByte, Byte, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float, Double, String,
 * DateTime, Guid, ByteString, XmlElement, NodeId, ExpandedNodeId, StatusCode, QualifiedName, LocalizedText, Variant
 * (any type and rank)</td><td>read, write</td></tr>
 * <tr><td>OddScalars</td><td>SByteMin, SByteMax, ByteMax, Int16Min, Int16Max, UInt16Max, Int32Min, Int32Max, UInt32Max,
 * Int64Min, Int64Max, UInt64Max, FloatMin (the smallest above 0), FloatMax, FloatNaN, FloatNegativeInfinity, DoubleMin,
 * DoubleMax, DoubleNaN, DoubleInfinity, DoubleNegativeInfinity, NegativeZero; StringNull, StringEmpty, StringEmoji,
 * StringNul, StringQuotes, StringControl, StringBlank, StringLong (10,000 characters), XmlElementNull,
 * LocalizedTextNull, LocalizedTextWithoutLocale, LocalizedTextWithoutText; DateTimeNull, DateTimeMin, DateTimeMax,
 * DateTimeTicks, ByteStringNull, ByteStringEmpty, ByteStringNotUtf8, GuidNull; NodeIdNull, NodeIdNumericMax,
 * NodeIdString, NodeIdGuid, NodeIdOpaque, ExpandedNodeIdNull, ExpandedNodeIdForeign, StatusCodeUnknown, StatusCodeBad,
 * QualifiedNameNull, QualifiedNameUnknownNamespace</td><td>read</td></tr>
 * <tr><td>Arrays</td><td>one for each type of Scalars; Empty, Null (Int32), Matrix (Int32[2][3]), Large (1,000
 * Double)</td><td>read, write</td></tr>
 * <tr><td>Dynamic</td><td>Counter (UInt32, one step a tick), Sine (-1 to 1), Sawtooth (0 to 1), Random (0 to 1, one
 * number a tick)</td><td>read</td></tr>
 * <tr><td>Quality</td><td>Bad (no value), BadWithValue, Uncertain, GoodOverride, WithoutSourceTime</td>
 * <td>read</td></tr>
 * <tr><td>Access</td><td>ReadOnly, WriteOnly, None (Bad_NotReadable, Bad_NotWritable), UserReadOnly, UserNone
 * (Bad_UserAccessDenied)</td><td>as named</td></tr>
 * </table>
 *
 * <p>A null String has the wire form of an empty Variant: Milo encodes no typed null for it.
 */
@NullMarked
package io.github.opcuasm.simulator;

import org.jspecify.annotations.NullMarked;
