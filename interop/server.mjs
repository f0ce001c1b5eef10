// An OPC UA server on node-opcua for the tests of this module, started as serve.mjs says. Every start begins with the same
// values.
//
// Namespace urn:opcuasm:interop, below Objects/Interop:
//   Scalar/TYPE, Array/TYPE   one writable variable for each built-in type (ns=…;s=Scalar/Int32, ns=…;s=Array/Int32)
//   Scratch/Scalar/TYPE, …    the same again, for tests that write
//   Matrix/TYPE               two and three dimensions
//   Odd/…                     what servers also send: limits, NaN, null, no value, bad status, refused access
//   Many/Child000 … 299       more references than one page holds
//   Events/Raise              a String; what is written to it comes as the message of an event of the Server object
//   Served/…                  how many requests of a service this process got since it started

import opcua from "node-opcua";
import { serve } from "./serve.mjs";

const {
  AccessLevelFlag,
  DataType,
  DataValue,
  LocalizedText,
  QualifiedName,
  StatusCodes,
  Variant,
  VariantArrayType,
  coerceInt64,
  coerceUInt64,
  makeAccessLevelFlag,
  resolveNodeId,
} = opcua;

const NAMESPACE_URI = "urn:opcuasm:interop";
const CHILDREN = 300;
const REFERENCES_PER_PAGE = 100;
const NODES_PER_READ = 40;
const NODES_PER_WRITE = 20;
const READ_WRITE = makeAccessLevelFlag("CurrentRead | CurrentWrite");

const guids = ["72962b91-fa75-4ae6-8d28-b404dc7daf63", "00000000-0000-0000-0000-000000000000"];
const expanded = (text) => opcua.coerceExpandedNodeId(text);

/** For each built-in type a scalar, and an array with the ends of its range. */
const VALUES = {
  Boolean: [true, [true, false]],
  SByte: [-5, [-128, 0, 127]],
  Byte: [200, [0, 1, 255]],
  Int16: [-1234, [-32768, 0, 32767]],
  UInt16: [54321, [0, 1, 65535]],
  Int32: [-123456, [-2147483648, 0, 2147483647]],
  UInt32: [4000000000, [0, 1, 4294967295]],
  Int64: [
    coerceInt64("-9007199254740993"),
    [coerceInt64("-9223372036854775808"), coerceInt64(0), coerceInt64("9223372036854775807")],
  ],
  UInt64: [
    coerceUInt64("9223372036854775808"),
    [coerceUInt64(0), coerceUInt64(1), coerceUInt64("18446744073709551615")],
  ],
  Float: [0.1, [-1.5, 0, 3]],
  Double: [3.141592653589793, [-1.5e300, 0, 2.2250738585072014e-308]],
  String: ["Grüße, 世界 🌍", ["", "a", 'quote " backslash \\ newline \n']],
  DateTime: [
    new Date("2026-05-15T10:30:00.123Z"),
    [new Date("1970-01-01T00:00:00.000Z"), new Date("2038-01-19T03:14:08.500Z")],
  ],
  Guid: [guids[0], guids],
  ByteString: [Buffer.from([0x00, 0x01, 0xfe, 0xff]), [Buffer.from("text"), Buffer.from([0xff, 0x00])]],
  XmlElement: ["<speed unit=\"rpm\">12</speed>", ["<a/>", "<b>ü</b>"]],
  NodeId: [resolveNodeId("ns=1;s=Some/Node"), [resolveNodeId("i=85"), resolveNodeId(`ns=1;g=${guids[0]}`)]],
  ExpandedNodeId: [expanded("ns=1;i=42"), [expanded("i=85"), expanded("ns=1;s=x")]],
  StatusCode: [StatusCodes.BadNodeIdUnknown, [StatusCodes.Good, StatusCodes.UncertainInitialValue]],
  QualifiedName: [
    new QualifiedName({ namespaceIndex: 2, name: "Name" }),
    [new QualifiedName({ namespaceIndex: 0, name: "a" }), new QualifiedName({ namespaceIndex: 2, name: "b" })],
  ],
  LocalizedText: [
    new LocalizedText({ locale: "de", text: "Drehzahl" }),
    [new LocalizedText({ locale: "en", text: "speed" }), new LocalizedText({ locale: null, text: "no locale" })],
  ],
};

const scalar = (dataType, value) => new Variant({ dataType, arrayType: VariantArrayType.Scalar, value });
const array = (dataType, value) => new Variant({ dataType, arrayType: VariantArrayType.Array, value });
const matrix = (dataType, dimensions, value) =>
  new Variant({ dataType, arrayType: VariantArrayType.Matrix, dimensions, value });
const good = (variant) =>
  new DataValue({ value: variant, statusCode: StatusCodes.Good, sourceTimestamp: new Date(), serverTimestamp: new Date() });

/**
 * A variable that stores what is written to it, null too. node-opcua's own storage refuses some of the values that this
 * server is there to send.
 */
function stored(namespace, folder, path, dataType, valueRank, initial, accessLevel = READ_WRITE) {
  let current = initial;
  return namespace.addVariable({
    organizedBy: folder,
    nodeId: `s=${path}`,
    browseName: path.slice(path.lastIndexOf("/") + 1),
    dataType,
    valueRank,
    arrayDimensions: valueRank > 1 ? new Array(valueRank).fill(0) : undefined,
    accessLevel,
    userAccessLevel: accessLevel,
    minimumSamplingInterval: 100,
    value: {
      timestamped_get: () => current,
      timestamped_set: async (dataValue) => {
        current = good(dataValue.value);
        return StatusCodes.Good;
      },
    },
  });
}

function addValues(namespace, parent, prefix) {
  const scalars = namespace.addFolder(parent, { nodeId: `s=${prefix}Scalar`, browseName: "Scalar" });
  const arrays = namespace.addFolder(parent, { nodeId: `s=${prefix}Array`, browseName: "Array" });
  for (const [name, [one, several]] of Object.entries(VALUES)) {
    const dataType = DataType[name];
    stored(namespace, scalars, `${prefix}Scalar/${name}`, dataType, -1, good(scalar(dataType, one)));
    stored(namespace, arrays, `${prefix}Array/${name}`, dataType, 1, good(array(dataType, several)));
  }
  const variants = [scalar(DataType.Int32, 7), scalar(DataType.String, "seven")];
  stored(namespace, scalars, `${prefix}Scalar/BaseDataType`, DataType.Variant, -1, good(scalar(DataType.Int16, 16)));
  stored(namespace, arrays, `${prefix}Array/BaseDataType`, DataType.Variant, 1, good(array(DataType.Variant, variants)));
}

function addMatrices(namespace, parent) {
  const matrices = namespace.addFolder(parent, { nodeId: "s=Matrix", browseName: "Matrix" });
  const add = (name, dataType, dimensions, value) =>
    stored(namespace, matrices, `Matrix/${name}`, dataType, dimensions.length, good(matrix(dataType, dimensions, value)));
  add("Int32", DataType.Int32, [2, 3], [1, 2, 3, 4, 5, 6]);
  add("Double", DataType.Double, [2, 2, 2], [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]);
  add("String", DataType.String, [3, 1], ["a", "", "c"]);
}

function addOddities(namespace, parent) {
  const odd = namespace.addFolder(parent, { nodeId: "s=Odd", browseName: "Odd" });
  const add = (name, dataType, dataValue, valueRank = -1, accessLevel = READ_WRITE) =>
    stored(namespace, odd, `Odd/${name}`, dataType, valueRank, dataValue, accessLevel);

  add("NaN", DataType.Double, good(scalar(DataType.Double, NaN)));
  add("Infinity", DataType.Double, good(scalar(DataType.Double, Infinity)));
  add("NegativeInfinity", DataType.Float, good(scalar(DataType.Float, -Infinity)));
  add("NegativeZero", DataType.Double, good(scalar(DataType.Double, -0)));
  add("NullString", DataType.String, good(scalar(DataType.String, null)));
  add("NullByteString", DataType.ByteString, good(scalar(DataType.ByteString, null)));
  add("EmptyByteString", DataType.ByteString, good(scalar(DataType.ByteString, Buffer.alloc(0))));
  add("EmptyArray", DataType.Int32, good(array(DataType.Int32, [])), 1);
  add("ControlCharacters", DataType.String, good(scalar(DataType.String, "\u0000\u0001\u001f\u007f\u2028")));
  add("LargeString", DataType.String, good(scalar(DataType.String, "0123456789abcdef".repeat(8192))));
  add("LargeArray", DataType.Double, good(array(DataType.Double, Float64Array.from({ length: 50_000 }, (_, i) => i / 2))), 1);
  add("NoValue", DataType.Int32, good(new Variant({ dataType: DataType.Null })));
  add("BadStatus", DataType.Int32, new DataValue({ statusCode: StatusCodes.BadSensorFailure, serverTimestamp: new Date() }));
  add(
    "UncertainStatus",
    DataType.Int32,
    new DataValue({ value: scalar(DataType.Int32, 5), statusCode: StatusCodes.UncertainLastUsableValue, sourceTimestamp: new Date() }),
  );
  add("ReadOnly", DataType.Int32, good(scalar(DataType.Int32, 1)), -1, AccessLevelFlag.CurrentRead);
  add("WriteOnly", DataType.Int32, good(scalar(DataType.Int32, 1)), -1, AccessLevelFlag.CurrentWrite);
}

function addMany(namespace, parent) {
  const many = namespace.addFolder(parent, { nodeId: "s=Many", browseName: "Many" });
  for (let i = 0; i < CHILDREN; i++) {
    const name = `Child${String(i).padStart(3, "0")}`;
    stored(namespace, many, `Many/${name}`, DataType.Int32, -1, good(scalar(DataType.Int32, i)));
  }
}

/** Counts requests by service and shows the counts; the count of Read includes the read that asks for it. */
function addEvents(namespace, parent) {
  const events = namespace.addFolder(parent, { nodeId: "s=Events", browseName: "Events" });
  const raise = namespace.addVariable({
    organizedBy: events,
    nodeId: "s=Events/Raise",
    browseName: "Raise",
    dataType: DataType.String,
    accessLevel: READ_WRITE,
    userAccessLevel: READ_WRITE,
    value: scalar(DataType.String, ""),
  });
  raise.on("value_changed", (dataValue) => {
    namespace.addressSpace.rootFolder.objects.server.raiseEvent("BaseEventType", {
      message: scalar(DataType.LocalizedText, new LocalizedText({ text: dataValue.value.value })),
      severity: scalar(DataType.UInt16, 321),
    });
  });
}

function addServed(namespace, parent, server) {
  const counts = new Map();
  server.on("request", (request) => {
    const service = request.schema.name.replace(/Request$/, "");
    counts.set(service, (counts.get(service) ?? 0) + 1);
  });
  const served = namespace.addFolder(parent, { nodeId: "s=Served", browseName: "Served" });
  for (const service of ["CreateSession", "ActivateSession", "CloseSession", "Read", "Write", "Browse", "BrowseNext"]) {
    namespace.addVariable({
      organizedBy: served,
      nodeId: `s=Served/${service}`,
      browseName: service,
      dataType: DataType.UInt32,
      minimumSamplingInterval: 100,
      value: { get: () => scalar(DataType.UInt32, counts.get(service) ?? 0) },
    });
  }
}

/** node-opcua pages only as the client asks; most devices have a limit of their own, and so has this server. */
function limitReferencesPerPage(server) {
  server.on("request", (request) => {
    if (request.schema.name === "BrowseRequest") {
      const asked = request.requestedMaxReferencesPerNode;
      request.requestedMaxReferencesPerNode = asked === 0 ? REFERENCES_PER_PAGE : Math.min(asked, REFERENCES_PER_PAGE);
    }
  });
}

await serve(
  "/interop",
  {
    buildInfo: { productName: "interop", manufacturerName: "opcua-session-manager" },
    serverInfo: { applicationUri: "urn:opcuasm:interop:server", applicationName: { text: "interop" } },
    serverCapabilities: {
      maxSessions: 200,
      maxBrowseContinuationPoints: 10,
      operationLimits: { maxNodesPerRead: NODES_PER_READ, maxNodesPerWrite: NODES_PER_WRITE },
    },
  },
  (server) => {
    const { addressSpace } = server.engine;
    const namespace = addressSpace.registerNamespace(NAMESPACE_URI);
    const root = namespace.addFolder(addressSpace.rootFolder.objects, { nodeId: "s=Interop", browseName: "Interop" });
    addValues(namespace, root, "");
    addValues(namespace, namespace.addFolder(root, { nodeId: "s=Scratch", browseName: "Scratch" }), "Scratch/");
    addMatrices(namespace, root);
    addOddities(namespace, root);
    addMany(namespace, root);
    addEvents(namespace, root);
    addServed(namespace, root, server);
    limitReferencesPerPage(server);
  },
);
