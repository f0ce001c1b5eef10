// The first of the two servers that the recorded exchanges were made with, as far as they show it: a variable for every
// type and shape (ns=1;s=NAME), two methods, a counter and a folder whose references fill several chunks.

import opcua from "node-opcua";
import { serve } from "../serve.mjs";

const {
  DataType,
  DataValue,
  DiagnosticInfo,
  ExpandedNodeId,
  LocalizedText,
  NodeId,
  NodeIdType,
  QualifiedName,
  Range,
  StatusCodes,
  Variant,
  VariantArrayType,
  coerceInt64,
  coerceUInt64,
  makeAccessLevelFlag,
  makeEUInformation,
  resolveNodeId,
} = opcua;

const MANY = 1000;
const COUNTER_MILLIS = 100;
const NODES_PER_CALL = 10_000;
const SOURCE_TIME = new Date("2024-01-02T03:04:05.678Z");
const GUID = "72962b91-fa75-4ae6-8d28-b404dc7daf63";
const READ_WRITE = makeAccessLevelFlag("CurrentRead | CurrentWrite");

const text = (locale, value) => new LocalizedText({ locale, text: value });
const name = (namespaceIndex, value) => new QualifiedName({ namespaceIndex, name: value });
const range = (low, high) => new Range({ low, high });
const date = (iso) => new Date(iso);
const bytes = (...values) => Buffer.from(values);

/** Name, type, value; an array has a fourth column: its rank, with the dimensions of a matrix. */
const VARIABLES = [
  ["BoolTrue", "Boolean", true],
  ["BoolFalse", "Boolean", false],
  ["SByteMin", "SByte", -128],
  ["SByteMax", "SByte", 127],
  ["ByteMax", "Byte", 255],
  ["Int16Min", "Int16", -32768],
  ["UInt16Max", "UInt16", 65535],
  ["Int32Min", "Int32", -2147483648],
  ["Int32Max", "Int32", 2147483647],
  ["UInt32Max", "UInt32", 4294967295],
  ["Int64_2p53p1", "Int64", coerceInt64("9007199254740993")],
  ["Int64Max", "Int64", coerceInt64("9223372036854775807")],
  ["Int64Min", "Int64", coerceInt64("-9223372036854775808")],
  ["Int64Neg1", "Int64", coerceInt64("-1")],
  ["UInt64_2p63", "UInt64", coerceUInt64("9223372036854775808")],
  ["UInt64Max", "UInt64", coerceUInt64("18446744073709551615")],
  ["UInt64_2p53p1", "UInt64", coerceUInt64("9007199254740993")],
  ["FloatZero", "Float", 0],
  ["DoubleZero", "Double", 0],
  ["FloatNegZero", "Float", -0],
  ["DoubleNegZero", "Double", -0],
  ["FloatWhole", "Float", 3],
  ["DoubleWhole", "Double", 3],
  ["FloatTenth", "Float", 0.1],
  ["DoubleTenth", "Double", 0.1],
  ["FloatMax", "Float", 3.4028234663852886e38],
  ["DoubleMax", "Double", Number.MAX_VALUE],
  ["FloatTiny", "Float", 1e-40],
  ["DoubleTiny", "Double", Number.MIN_VALUE],
  ["StringEmpty", "String", ""],
  ["StringNull", "String", null],
  ["StringUnicode", "String", 'ünïcödé ☃ 漢字 😀 " \\ / \u0000 \n \t </x>'],
  ["DateTimeMin", "DateTime", date("1601-01-01T00:00:00.000Z")],
  ["DateTimeMax", "DateTime", date("9999-12-31T23:59:59.000Z")],
  ["DateTimeMs", "DateTime", date("2024-02-29T12:34:56.789Z")],
  ["DateTime1969", "DateTime", date("1969-12-31T23:59:59.000Z")],
  ["DateTimeNull", "DateTime", null],
  ["Guid", "Guid", GUID],
  ["GuidZero", "Guid", "00000000-0000-0000-0000-000000000000"],
  ["ByteStringAscii", "ByteString", Buffer.from("hello")],
  ["ByteStringEmpty", "ByteString", Buffer.alloc(0)],
  ["ByteStringNull", "ByteString", null],
  ["ByteStringBinary", "ByteString", bytes(0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff)],
  ["XmlElement", "XmlElement", '<a b="1">é</a>'],
  ["XmlElementNull", "XmlElement", null],
  ["NodeIdNumeric", "NodeId", resolveNodeId("ns=2;i=70000")],
  ["NodeIdTwoByte", "NodeId", resolveNodeId("i=85")],
  ["NodeIdString", "NodeId", resolveNodeId("ns=3;s=a.b/c")],
  ["NodeIdGuid", "NodeId", resolveNodeId(`ns=1;g=${GUID}`)],
  ["NodeIdOpaque", "NodeId", new NodeId(NodeIdType.BYTESTRING, bytes(0x00, 0x01, 0x02, 0x80, 0xff), 1)],
  ["NodeIdNull", "NodeId", new NodeId()],
  ["ExpandedNodeId", "ExpandedNodeId", new ExpandedNodeId(NodeIdType.NUMERIC, 1234, 1)],
  // A plain object: node-opcua's copy of an ExpandedNodeId has no namespace URI.
  ["ExpandedNodeIdUri", "ExpandedNodeId", { ...new ExpandedNodeId(NodeIdType.STRING, "abc", 0, "urn:elsewhere", 0) }],
  ["StatusGood", "StatusCode", StatusCodes.Good],
  ["StatusBad", "StatusCode", StatusCodes.BadInternalError],
  ["StatusUncertain", "StatusCode", StatusCodes.UncertainLastUsableValue],
  ["QualifiedName", "QualifiedName", name(1, "QN")],
  ["QualifiedNameNull", "QualifiedName", name(0, null)],
  ["LocalizedText", "LocalizedText", text("en", "Text")],
  ["LocalizedTextNoLocale", "LocalizedText", text(null, "Text")],
  ["LocalizedTextNoText", "LocalizedText", text("en", null)],
  ["LocalizedTextNull", "LocalizedText", text(null, null)],
  ["ExtRange", "ExtensionObject", range(-1.5, 2.5)],
  ["ExtEU", "ExtensionObject", makeEUInformation("CEL", "°C", "degree Celsius")],
  ["ExtArray", "ExtensionObject", [range(1, 2), range(3, 4)], []],
  ["ExtNull", "ExtensionObject", null],
  ["NullVariant", "Null", undefined],
  [
    "DataValueInVariant",
    "DataValue",
    new DataValue({ value: { dataType: DataType.Double, value: 1.5 }, statusCode: StatusCodes.Uncertain }),
  ],
  ["DiagnosticInfo", "DiagnosticInfo", new DiagnosticInfo({})],
  [
    "VariantArray",
    "Variant",
    [
      new Variant({ dataType: DataType.Int32, value: 1 }),
      new Variant({ dataType: DataType.String, value: "two" }),
      new Variant({ dataType: DataType.Double, value: 3.5 }),
    ],
    [],
  ],
  ["BoolArray", "Boolean", [true, false], []],
  ["ByteArray", "Byte", [0, 127, 255], []],
  ["SByteArray", "SByte", [-128, 127], []],
  ["Int64Array", "Int64", [coerceInt64("9007199254740993"), coerceInt64("-1")], []],
  ["UInt64Array", "UInt64", [coerceUInt64("18446744073709551615"), coerceUInt64("1")], []],
  ["FloatArray", "Float", [0.1, 3], []],
  ["StringArray", "String", ["a", "", null, "é"], []],
  ["DateTimeArray", "DateTime", [date("2024-01-01T00:00:00.000Z"), null], []],
  ["GuidArray", "Guid", [GUID], []],
  ["ByteStringArrayAscii", "ByteString", [Buffer.from("a"), Buffer.from("b")], []],
  ["NodeIdArray", "NodeId", [resolveNodeId("i=85"), resolveNodeId("ns=1;s=x")], []],
  ["StatusArray", "StatusCode", [StatusCodes.Good, StatusCodes.BadInternalError], []],
  ["QNArray", "QualifiedName", [name(1, "A")], []],
  ["LTArray", "LocalizedText", [text("en", "A"), text(null, "B")], []],
  ["Int32Empty", "Int32", [], []],
  ["StringEmptyArray", "String", [], []],
  ["StringNullArray", "String", null, []],
  ["MatrixDouble2x3", "Double", [1, 2, 3, 4, 5, 6.5], [2, 3]],
  ["CubeByte2x2x2", "Byte", [0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]],
  ["MatrixString2x2", "String", ["a", "b", "c", "d"], [2, 2]],
];

/** Name, status, source time of a variable that holds 1.25. */
const QUALITIES = [
  ["BadStatusValue", StatusCodes.BadSensorFailure, SOURCE_TIME],
  ["UncertainValue", StatusCodes.UncertainLastUsableValue, SOURCE_TIME],
  ["NoSourceTs", StatusCodes.Good, undefined],
];

function variant(dataType, value, dimensions) {
  if (dimensions === undefined) {
    return new Variant({ dataType, arrayType: VariantArrayType.Scalar, value });
  }
  return dimensions.length === 0
    ? new Variant({ dataType, arrayType: VariantArrayType.Array, value })
    : new Variant({ dataType, arrayType: VariantArrayType.Matrix, dimensions, value });
}

/** node-opcua's own storage refuses some of these values, so the variable keeps what is written to it by itself. */
function addStored(namespace, folder, id, dataType, valueRank, initial) {
  let current = initial;
  namespace.addVariable({
    organizedBy: folder,
    nodeId: `s=${id}`,
    browseName: id,
    dataType,
    valueRank,
    arrayDimensions: valueRank > 1 ? new Array(valueRank).fill(0) : undefined,
    accessLevel: READ_WRITE,
    userAccessLevel: READ_WRITE,
    minimumSamplingInterval: 50,
    value: {
      timestamped_get: () => {
        const now = new Date();
        return new DataValue({
          value: current.value,
          statusCode: current.statusCode,
          sourceTimestamp: current.sourceTimestamp ?? now,
          serverTimestamp: now,
        });
      },
      timestamped_set: async (dataValue) => {
        current = { value: dataValue.value, statusCode: StatusCodes.Good, sourceTimestamp: new Date() };
        return StatusCodes.Good;
      },
    },
  });
}

/** The DataType attribute has no Null; DataValue, DiagnosticInfo and a mixture are BaseDataType to it. */
function declaredType(typeName) {
  const untyped = ["Null", "Variant", "DataValue", "DiagnosticInfo"];
  return untyped.includes(typeName) ? resolveNodeId("i=24") : typeName === "ExtensionObject" ? resolveNodeId("i=22") : typeName;
}

function addVariables(namespace, folder) {
  for (const [id, typeName, value, dimensions] of VARIABLES) {
    const rank = dimensions === undefined ? -1 : Math.max(dimensions.length, 1);
    // Two exchanges write a vector to the matrix of doubles.
    const declaredRank = id === "MatrixDouble2x3" ? -2 : rank;
    const initial = { value: variant(DataType[typeName], value, dimensions), statusCode: StatusCodes.Good, sourceTimestamp: SOURCE_TIME };
    addStored(namespace, folder, id, declaredType(typeName), declaredRank, initial);
  }
  for (const [id, statusCode, sourceTimestamp] of QUALITIES) {
    addStored(namespace, folder, id, "Double", -1, { value: variant(DataType.Double, 1.25), statusCode, sourceTimestamp });
  }
}

function addCounter(namespace, folder) {
  const started = Date.now();
  namespace.addVariable({
    organizedBy: folder,
    nodeId: "s=Counter",
    browseName: "Counter",
    dataType: "UInt32",
    minimumSamplingInterval: 50,
    value: { get: () => variant(DataType.UInt32, Math.floor((Date.now() - started) / COUNTER_MILLIS)) },
  });
}

function addMethods(namespace, types, serverObject) {
  const anything = { name: "value", dataType: resolveNodeId("i=24"), valueRank: -2 };
  const echo = namespace.addMethod(types, {
    nodeId: "s=Echo",
    browseName: "Echo",
    inputArguments: [anything],
    outputArguments: [anything],
  });
  echo.bindMethod(async (inputs, _context) => ({ statusCode: StatusCodes.Good, outputArguments: inputs }));
  const raise = namespace.addMethod(types, {
    nodeId: "s=Raise",
    browseName: "Raise",
    inputArguments: [{ name: "message", dataType: DataType.String, valueRank: -1 }],
    outputArguments: [],
  });
  raise.bindMethod(async ([message], _context) => {
    serverObject.raiseEvent("BaseEventType", {
      message: { dataType: DataType.LocalizedText, value: text("en", message.value) },
      severity: { dataType: DataType.UInt16, value: 500 },
    });
    return { statusCode: StatusCodes.Good, outputArguments: [] };
  });
}

function addMany(namespace, folder) {
  const many = namespace.addFolder(folder, { nodeId: "s=Many", browseName: "Many" });
  for (let i = 0; i < MANY; i++) {
    namespace.addFolder(many, { nodeId: `s=Many/${i}`, browseName: `Child${i}` });
  }
}

await serve(
  "/UA/Types",
  {
    serverInfo: { applicationUri: "urn:opcuasm:interop:types", applicationName: { text: "types" } },
    serverCapabilities: {
      maxSessions: 100,
      operationLimits: { maxNodesPerRead: NODES_PER_CALL, maxNodesPerWrite: NODES_PER_CALL },
    },
  },
  (server) => {
    const { addressSpace } = server.engine;
    const namespace = addressSpace.getOwnNamespace();
    const types = namespace.addFolder(addressSpace.rootFolder.objects, {
      nodeId: "s=Types",
      browseName: "Types",
    });
    addVariables(namespace, types);
    addCounter(namespace, types);
    addMany(namespace, types);
    addMethods(namespace, types, addressSpace.rootFolder.objects.server);
  },
);
