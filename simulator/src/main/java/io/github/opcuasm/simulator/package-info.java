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
 * Int64Min, Int64Max, Int64AboveDouble, UInt64Max, UInt64AboveInt64, FloatMin (the smallest above 0), FloatMax,
 * FloatNaN, FloatInfinity, FloatNegativeInfinity, FloatNegativeZero, DoubleMin, DoubleMax, DoubleLowest, DoubleThird,
 * DoubleNaN, DoubleInfinity, DoubleNegativeInfinity, NegativeZero; StringNull, StringEmpty, StringEmoji,
 * StringNul, StringQuotes, StringControl, StringAllControls, StringBlank, StringLong (10,000 characters), XmlElementNull,
 * LocalizedTextNull, LocalizedTextWithoutLocale, LocalizedTextWithoutText; DateTimeNull, DateTimeMin, DateTimeMax,
 * DateTimeTicks, ByteStringNull, ByteStringEmpty, ByteStringNotUtf8, GuidNull; NodeIdNull, NodeIdNumericMax,
 * NodeIdString, NodeIdGuid, NodeIdOpaque, ExpandedNodeIdNull, ExpandedNodeIdForeign, StatusCodeUnknown, StatusCodeBad,
 * QualifiedNameNull, QualifiedNameUnknownNamespace</td><td>read</td></tr>
 * <tr><td>Arrays</td><td>one for each type of Scalars; Empty, Null (Int32), Matrix (Int32[2][3]), Large (1,000
 * Double)</td><td>read, write</td></tr>
 * <tr><td>Structures</td><td>values of the data types below: Everything, Mixed, Polygon, Point, Point3D, Tree,
 * Drawing, Shape (a Circle), each also as NAMEArray, PointMatrix; Permissions, Diagnosed, Changing; Optionals (only the
 * last field), OptionalsAll, OptionalsNone, OptionalsFirst, OptionalsMiddle, OptionalsLast, OptionalsArray; Choice
 * (Number), ChoiceText, ChoicePoint, ChoiceSamples, ChoiceNone, ChoiceArray; EmptyArray, Null (a null
 * ExtensionObject), Xml (an XML body), Opaque (a type without definition and encoding); TooShort, TooLong,
 * NoSuchChoice, NoSuchOption (bodies that do not fit)</td><td>read, write</td></tr>
 * <tr><td>Types</td><td>Enum (Color), EnumArray, EnumValues (Level), EnumUnknown, OptionSet (Alarms), OptionSetArray,
 * Temperature, TemperatureArray, Serial, Duration, UtcTime, Number, Integer, UInteger, NumberArray; DataValue,
 * DataValueArray, VariantArray (nested), VariantMatrix; AnyRank, ScalarOrArray, OneOrMoreDimensions
 * (Int32)</td><td>read, write</td></tr>
 * <tr><td>Raw</td><td>what Milo cannot encode: StringNull, ByteStringNull, XmlElementNull, ExtensionObjectNull;
 * BooleanArrayNull, Int32ArrayNull, DoubleArrayNull, StringArrayNull, ExtensionObjectArrayNull, VariantArrayNull;
 * Int32ArrayEmpty, StringArrayEmpty, MatrixEmpty; StringNotUtf8, StringLoneSurrogate, StringSurrogatePair,
 * StringOverlong, StringCutEmoji, StringBeyondUnicode, StringNonCharacter, LocalizedTextNotUtf8, XmlElementNotXml;
 * DateTimeLowest, DateTimeHighest, DateTimeNegative, DateTimeZero, DateTimeYear10000; ExtensionObjectWithoutBody
 * (encoding 0), ExtensionObjectEmptyBody, BooleanTwo, FloatNaNPayload, VariantInVariant, DiagnosticInfo, ReservedType.
 * Reads without an index range have these bytes; notifications have a plain value</td><td>read</td></tr>
 * <tr><td>Cycle</td><td>folders: A and B organize each other, Self itself</td><td></td></tr>
 * <tr><td>Deep</td><td>folders 1 to 300, each in the one before</td><td></td></tr>
 * <tr><td>Ids</td><td>a String variable for each type of identifier; the ids are in {@code GraphNodes}</td>
 * <td>read</td></tr>
 * <tr><td>Big</td><td>only with {@link io.github.opcuasm.simulator.Simulator.Builder#bigNodes()}: Array100k (Int32),
 * Doubles100k, String5MB, ByteString5MB, see {@link io.github.opcuasm.simulator.BigValues}; folder Folder with 00000
 * to 09999 (Int32, read)</td><td>read, write</td></tr>
 * <tr><td>Dynamic</td><td>Counter (UInt32, one step a tick), Sine (-1 to 1), Sawtooth (0 to 1), Random (0 to 1, one
 * number a tick)</td><td>read</td></tr>
 * <tr><td>Analog</td><td>Level (Double, an AnalogItemType with the EURange 0 to 200)</td><td>read, write</td></tr>
 * <tr><td>Produced</td><td>Counter (Int64); 00000 and on (Int32), as many as
 * {@link io.github.opcuasm.simulator.Simulator.Builder#produced(int)} says; every value of them is queued for the items
 * that monitor them, see {@link io.github.opcuasm.simulator.Producers}</td><td>read</td></tr>
 * <tr><td>Quality</td><td>Bad (no value), BadWithValue, Uncertain, GoodOverride, WithoutSourceTime</td>
 * <td>read</td></tr>
 * <tr><td>Access</td><td>ReadOnly, WriteOnly, None (Bad_NotReadable, Bad_NotWritable), UserReadOnly, UserNone
 * (Bad_UserAccessDenied)</td><td>as named</td></tr>
 * <tr><td>History</td><td>Ramp (Double, sloped, 1,200 samples a second apart before the start), Steps (Int32, stepped,
 * 10 s apart, with bad and uncertain samples and a gap), Empty (no samples), Denied (Bad_UserAccessDenied for its
 * history), ReadOnly (as Ramp), Editable (Double, sloped, no samples; history write as well); Historian1 to Historian3
 * (Double) and Historian4 (Boolean), the samples of Part 13, annex A, from 2026-01-01T12:00:00Z on; each has its HA
 * Configuration</td><td>read, history read</td></tr>
 * <tr><td>Alarms</td><td>Temperature (Double), the input of the alarm</td><td>read</td></tr>
 * <tr><td>Files</td><td>a FileDirectoryType (Part 20) on the directory of
 * {@link io.github.opcuasm.simulator.Simulator.Builder#files}; without one: readme.txt, data.bin (0 to 255, four times),
 * locked.txt (read-only), the directory logs. Their ids are {@code ns=2;s=Files/PATH}</td><td>files</td></tr>
 * <tr><td>Managed</td><td>empty, for clients that add and delete nodes and references (Part 4, 5.8); Locked in it, and
 * all other nodes, refuse them (Bad_UserAccessDenied)</td><td>nodes</td></tr>
 * </table>
 *
 * <table>
 * <caption>Methods of the object Methods</caption>
 * <tr><th>method</th><th>arguments</th><th>does</th></tr>
 * <tr><td>Add</td><td>Augend, Addend (Double)</td><td>answers with Sum (Double)</td></tr>
 * <tr><td>Echo</td><td>Value (any type and rank)</td><td>answers with Value</td></tr>
 * <tr><td>Fail</td><td>Status (StatusCode, may be left out)</td><td>fails with it, or Bad_InternalError</td></tr>
 * <tr><td>Slow</td><td>Delay (UInt32, ms)</td><td>answers after that time</td></tr>
 * <tr><td>Nothing</td><td></td><td>nothing</td></tr>
 * <tr><td>MultiOutput</td><td></td><td>answers with 42, "forty-two", the Doubles 1.5, -2.5, 0 and null</td></tr>
 * <tr><td>NotExecutable, Denied</td><td></td><td>Bad_NotExecutable, Bad_UserAccessDenied</td></tr>
 * <tr><td>RaiseEvent</td><td>Message (String), Severity (UInt16, 1 to 1000)</td><td>emits a BaseEventType of
 * Events/Notifier, answers with its EventId</td></tr>
 * </table>
 *
 * <p>Histories of variables keep 100,000 samples and the last 10,000 that were replaced or deleted, that of events 10,000
 * events; what would be more is Bad_ResourceUnavailable. All are as at the start again after the next. Processed reads
 * know the aggregates Interpolative, Average, TimeAverage, Total, Minimum, Maximum, Range, Count, Start, End, Delta,
 * DurationGood, DurationBad, PercentGood and StandardDeviationSample.
 *
 * <p>Notifiers of events are the objects Events/Notifier, Events/History, Alarms and Server. Events/History emits
 * nothing; it stores 10 BaseEventTypes of the seconds before the start, with the severities 100 to 1,000, and what
 * clients insert. Events/MachineEventType is a subtype of BaseEventType with the fields 2:Machine (String) and 2:Count
 * (UInt32). Alarms/HighTemperature is an ExclusiveLimitAlarmType; clients acknowledge it by its method Acknowledge and
 * ask for it by ConditionRefresh.
 * Views/Plant under Views organizes Scalars/Int32, Dynamic/Sine and History/Ramp.
 *
 * <p>OddScalars/StringNull and Arrays/Null have the wire form of an empty Variant, those in Raw keep their type.
 *
 * <p>Data types are {@code ns=2;s=DataTypes/NAME}, encodings {@code ns=2;s=DataTypes/NAME/Default Binary}:
 *
 * <table>
 * <caption>Data types</caption>
 * <tr><th>name</th><th>supertype</th><th>fields or values</th></tr>
 * <tr><td>Everything</td><td>Structure</td><td>one field for each builtin type but DiagnosticInfo, named as the type;
 * Int32Array, StringArray, VariantArray, EmptyArray, NullArray, Matrix (Double[2][3])</td></tr>
 * <tr><td>Diagnosed</td><td>Structure</td><td>Info (DiagnosticInfo), After (Int32)</td></tr>
 * <tr><td>Optionals</td><td>Structure</td><td>Id (Int32), Name (String, optional), Limit (Double, optional), Active
 * (Boolean), Tags (String[], optional)</td></tr>
 * <tr><td>Choice</td><td>Union</td><td>Number (Int32), Text (String), Point, Samples (Double[])</td></tr>
 * <tr><td>Point</td><td>Structure</td><td>X, Y (Double); also has Default XML</td></tr>
 * <tr><td>Point3D</td><td>Point</td><td>X, Y, Z</td></tr>
 * <tr><td>Polygon</td><td>Structure</td><td>Label (String), Center (Point), Corners (Point[])</td></tr>
 * <tr><td>Tree</td><td>Structure</td><td>Name (String), Children (Tree[])</td></tr>
 * <tr><td>Shape</td><td>Structure</td><td>Name (String); abstract</td></tr>
 * <tr><td>Circle, Rectangle</td><td>Shape</td><td>Name and Radius; Name, Width and Height (Double)</td></tr>
 * <tr><td>Drawing</td><td>Structure</td><td>Title (String); Main (Shape), All (Shape[]) and Amount (Number), which
 * allow subtypes; Origin (Point)</td></tr>
 * <tr><td>Mixed</td><td>Structure</td><td>Color, Level, Alarms, Temperature, Serial, Colors (Color[]),
 * Permissions</td></tr>
 * <tr><td>Changing</td><td>Structure</td><td>Count (Int32), Label (String); between them Added (Double) after
 * {@link io.github.opcuasm.simulator.Simulator#changeType()}</td></tr>
 * <tr><td>Opaque</td><td>Structure</td><td>no definition, no encoding node</td></tr>
 * <tr><td>Color</td><td>Enumeration</td><td>0 Red, 1 Green, 2 Blue; EnumStrings</td></tr>
 * <tr><td>Level</td><td>Enumeration</td><td>-1 Unknown, 10 Low, 20 High; EnumValues</td></tr>
 * <tr><td>Alarms</td><td>UInt32</td><td>bits 0 Hot, 1 Cold, 2 Wet, 31 Broken; OptionSetValues</td></tr>
 * <tr><td>Permissions</td><td>OptionSet</td><td>bits 0 Look, 1 Touch, 9 Destroy</td></tr>
 * <tr><td>Temperature, Serial</td><td>Double, String</td><td></td></tr>
 * </table>
 *
 * <p>Secured, it offers security policies, modes and users as {@link io.github.opcuasm.simulator.SecurityOptions} say.
 * What it does wrong on demand stands in {@link io.github.opcuasm.simulator.Faults}, and for the beginning of a session
 * in {@link io.github.opcuasm.simulator.HandshakeFault}.
 */
@NullMarked
package io.github.opcuasm.simulator;

import org.jspecify.annotations.NullMarked;
