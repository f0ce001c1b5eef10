// The second server of the recorded exchanges, as far as they show it: numeric ids in namespace 1, methods, a variable
// with history, structures of namespace 3 whose types nobody describes, views, and five nodes a read at most. Started as
// serve.mjs says, and, for the secured servers of the recording, with
//
//   --security users|certificates|all|sign [--user-certificate FILE]
//
// of which SECURITY below says what it is. The user certificate is one that the server knows, DER.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import opcua from "node-opcua";
import extensionObject from "node-opcua-extension-object";
import { serve } from "../serve.mjs";

const {
  DataType,
  LocalizedText,
  MessageSecurityMode,
  OPCUACertificateManager,
  SecurityPolicy,
  StatusCodes,
  Variant,
  VariantArrayType,
  nodesets,
  resolveNodeId,
} = opcua;
const { OpaqueStructure } = extensionObject;

const NODES_PER_CALL = 5;
const HISTORY_SECONDS = 120;
const APPLICATION_URI = "urn:opcua:test-server:NoSecurityServer";

const SIGNED = [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt];

/** Policies and modes, whether anonymous users are taken, and the password of "admin" if there is one. */
const SECURITY = {
  users: { policies: [SecurityPolicy.Basic256Sha256], modes: SIGNED, anonymous: false, password: "admin123" },
  certificates: { policies: [SecurityPolicy.Basic256Sha256], modes: SIGNED, anonymous: false },
  all: {
    policies: [
      SecurityPolicy.None,
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ],
    modes: [MessageSecurityMode.None, ...SIGNED],
    anonymous: true,
  },
  sign: { policies: [SecurityPolicy.Basic256Sha256], modes: [MessageSecurityMode.Sign], anonymous: true },
};

const scalar = (dataType, value) => new Variant({ dataType: DataType[dataType], value });
const array = (dataType, value) =>
  new Variant({ dataType: DataType[dataType], arrayType: VariantArrayType.Array, value });
const good = (...outputArguments) => ({ statusCode: StatusCodes.Good, outputArguments });
const delay = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function transposed(values, rows, columns) {
  return Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

/** Number, name, types of the inputs and outputs ("[]" behind an array's), what it does with the inputs' values. */
const METHODS = [
  [1102, "Add", ["Double", "Double"], ["Double"], (a, b) => good(scalar("Double", a + b))],
  [1105, "Multiply", ["Double", "Double"], ["Double"], (a, b) => good(scalar("Double", a * b))],
  [1108, "Concatenate", ["String", "String"], ["String"], (a, b) => good(scalar("String", a + b))],
  [1111, "Reverse", ["String"], ["String"], (a) => good(scalar("String", [...a].reverse().join("")))],
  [1114, "GetServerTime", [], ["DateTime"], () => good(scalar("DateTime", new Date()))],
  [1120, "GenerateEvent", ["String", "UInt16"], [], (message, severity, server) => raise(server, message, severity)],
  [1123, "LongRunning", ["UInt32"], ["Boolean"], (millis) => delay(millis).then(() => good(scalar("Boolean", true)))],
  [1126, "Failing", [], [], () => ({ statusCode: StatusCodes.BadInternalError, outputArguments: [] })],
  [1129, "ArraySum", ["Double[]"], ["Double"], (a) => good(scalar("Double", a.reduce((sum, x) => sum + x, 0)))],
  [
    1132,
    "MatrixTranspose",
    ["Double[]", "UInt32", "UInt32"],
    ["Double[]"],
    (values, rows, columns) => good(array("Double", transposed(values, rows, columns))),
  ],
  [
    1135,
    "MultiOutput",
    [],
    ["Int32", "String", "Boolean"],
    () => good(scalar("Int32", 42), scalar("String", "hello"), scalar("Boolean", true)),
  ],
];

/** Number and name of a variable, type and body of the structure in it. */
const STRUCTURES = [
  [1448, "PointValue", "ns=3;i=3010", [1.5, 2.5, 3.5]],
  [1449, "RangeValue", "ns=3;i=3011", [0, 100, 42.5]],
];

const VIEWS = [
  [1506, "OperatorView"],
  [1507, "EngineeringView"],
  [1508, "HistoricalView"],
  [1509, "DataView"],
];

function raise(serverObject, message, severity) {
  serverObject.raiseEvent("BaseEventType", {
    message: { dataType: DataType.LocalizedText, value: new LocalizedText({ text: message }) },
    severity: { dataType: DataType.UInt16, value: severity },
  });
  return good();
}

const argument = (type, i) => ({
  name: `argument${i}`,
  dataType: DataType[type.replace("[]", "")],
  valueRank: type.endsWith("[]") ? 1 : -1,
});

function addMethods(namespace, parent, serverObject) {
  const methods = namespace.addObject({ organizedBy: parent, nodeId: "i=1101", browseName: "Methods" });
  for (const [id, browseName, inputs, outputs, action] of METHODS) {
    const method = namespace.addMethod(methods, {
      nodeId: `i=${id}`,
      browseName,
      inputArguments: inputs.map(argument),
      outputArguments: outputs.map(argument),
    });
    method.bindMethod(async (values, _context) => action(...values.map((value) => value.value), serverObject));
  }
}

/** A value a second, and one for each of the seconds before the start. */
function addHistory(addressSpace, namespace, parent) {
  const historical = namespace.addFolder(parent, { browseName: "Historical" });
  const temperature = namespace.addVariable({
    organizedBy: historical,
    nodeId: "i=1323",
    browseName: "HistoricalTemperature",
    dataType: "Double",
    minimumSamplingInterval: 1000,
  });
  addressSpace.installHistoricalDataNode(temperature, { maxOnlineValues: 2 * HISTORY_SECONDS });
  const record = (time) =>
    temperature.setValueFromSource(scalar("Double", 27 + Math.sin(time.getTime() / 5000) + 0.25), StatusCodes.Good, time);
  const now = Date.now();
  for (let second = HISTORY_SECONDS; second >= 0; second--) {
    record(new Date(now - second * 1000));
  }
  setInterval(() => record(new Date()), 1000).unref();
}

/** node-opcua copies a structure by handing it to its constructor, which would lose an opaque one. */
class CopyableStructure extends OpaqueStructure {
  constructor(typeIdOrOriginal, body) {
    super(typeIdOrOriginal.nodeId ?? typeIdOrOriginal, typeIdOrOriginal.buffer ?? body);
  }
}

function addStructures(namespace, parent) {
  const folder = namespace.addFolder(parent, { browseName: "ExtensionObjects" });
  for (const [id, browseName, typeId, fields] of STRUCTURES) {
    const body = Buffer.alloc(8 * fields.length);
    fields.forEach((field, i) => body.writeDoubleLE(field, 8 * i));
    const value = scalar("ExtensionObject", new CopyableStructure(resolveNodeId(typeId), body));
    namespace.addVariable({
      organizedBy: folder,
      nodeId: `i=${id}`,
      browseName,
      dataType: resolveNodeId("i=22"),
      value,
    });
  }
}

/** The options of a secured server; none for the one without security. */
async function secured(pki, values) {
  if (values.security === undefined) {
    return {};
  }
  const { policies, modes, anonymous, password } = SECURITY[values.security];
  const users = new OPCUACertificateManager({
    rootFolder: join(pki, "user"),
    automaticallyAcceptUnknownCertificate: false,
    keySize: 2048,
  });
  await users.initialize();
  if (values["user-certificate"] !== undefined) {
    await users.trustCertificate(readFileSync(values["user-certificate"]));
  }
  return {
    securityPolicies: policies,
    securityModes: modes,
    allowAnonymous: anonymous,
    userCertificateManager: users,
    userManager: { isValidUser: (name, given) => password !== undefined && name === "admin" && given === password },
  };
}

await serve(
  "/UA/TestServer",
  async (pki, values) => ({
    nodeset_filename: [nodesets.standard, nodesets.di],
    buildInfo: {
      productUri: "urn:opcua:test-server",
      manufacturerName: "OPC UA Test Server",
      productName: "NoSecurityServer",
      softwareVersion: "1.0.0",
      buildNumber: "1.0.0",
      buildDate: new Date("2026-11-22T19:13:11.740Z"),
    },
    serverInfo: { applicationUri: APPLICATION_URI, applicationName: { text: "NoSecurityServer" } },
    serverCapabilities: {
      maxSessions: 100,
      operationLimits: { maxNodesPerRead: NODES_PER_CALL, maxNodesPerWrite: NODES_PER_CALL },
    },
    ...(await secured(pki, values)),
  }),
  (server) => {
    const { addressSpace } = server.engine;
    const { objects, views } = addressSpace.rootFolder;
    addressSpace.registerNamespace("urn:opcua:test-server:custom-types");
    const namespace = addressSpace.getOwnNamespace();
    const testServer = namespace.addFolder(objects, { nodeId: "i=1000", browseName: "TestServer" });
    addMethods(namespace, testServer, objects.server);
    addHistory(addressSpace, namespace, testServer);
    addStructures(namespace, testServer);
    for (const [id, browseName] of VIEWS) {
      namespace.addView({ organizedBy: views, nodeId: `i=${id}`, browseName });
    }
  },
  { security: { type: "string" }, "user-certificate": { type: "string" } },
);
