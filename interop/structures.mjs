// An OPC UA server on node-opcua with data types of its own, which structures.xml defines, started as serve.mjs says.
//
// Namespace urn:opcuasm:structures, below Objects/Structures:
//   NAME         a writable variable for each of VALUES
//   Seen/NAME    what node-opcua itself has in it now, as JSON: its own decoding of what was written

import { fileURLToPath } from "node:url";
import opcua from "node-opcua";
import { serve } from "./serve.mjs";

const { DataType, Variant, VariantArrayType, coerceUInt64, makeAccessLevelFlag, nodesets } = opcua;

const NAMESPACE_URI = "urn:opcuasm:structures";
const READ_WRITE = makeAccessLevelFlag("CurrentRead | CurrentWrite");

/** NAME: the data type, and the fields of one value or of several. */
const VALUES = {
  Point: ["Point", { x: 1.5, y: -2 }],
  PointArray: ["Point", [{ x: 0, y: 1 }, { x: 2, y: 3 }]],
  OptionalsNone: ["Optionals", { id: 5, active: true }],
  OptionalsLast: ["Optionals", { id: 5, active: false, where: { x: 1, y: 2 } }],
  OptionalsAll: ["Optionals", { id: 5, name: "valve", limit: 9.5, active: true, where: { x: 1, y: 2 } }],
  ChoiceNumber: ["Choice", { number: -5 }],
  ChoiceText: ["Choice", { text: "five" }],
  ChoicePoint: ["Choice", { point: { x: 3, y: 4 } }],
  Machine: [
    "Machine",
    {
      mode: 5,
      serial: coerceUInt64("18446744073709551615"),
      speed: 0.1,
      built: new Date("2026-05-15T10:30:00.123Z"),
      key: Buffer.from([0, 255]),
      title: { locale: "de", text: "Säge" },
      center: { x: 1, y: 2 },
      corners: [{ x: 3, y: 4 }, { x: 5, y: 6 }],
      tags: ["a", "", "ü"],
    },
  ],
};

/** JSON that says all: 64 bits as text, bytes as base64, and no more than the value's own fields. */
function dump(value) {
  return JSON.stringify(value, (key, each) => {
    if (key.startsWith("_") || key === "schema") {
      return undefined;
    }
    return each?.type === "Buffer" ? Buffer.from(each.data).toString("base64") : each;
  });
}

function addVariable(namespace, folder, seen, name, dataType, given) {
  const { addressSpace } = namespace;
  const construct = (fields) => addressSpace.constructExtensionObject(dataType, fields);
  const isArray = Array.isArray(given);
  const variable = namespace.addVariable({
    organizedBy: folder,
    nodeId: `s=${name}`,
    browseName: name,
    dataType: dataType.nodeId,
    valueRank: isArray ? 1 : -1,
    accessLevel: READ_WRITE,
    userAccessLevel: READ_WRITE,
    value: new Variant({
      dataType: DataType.ExtensionObject,
      arrayType: isArray ? VariantArrayType.Array : VariantArrayType.Scalar,
      value: isArray ? given.map(construct) : construct(given),
    }),
  });
  namespace.addVariable({
    organizedBy: seen,
    nodeId: `s=Seen/${name}`,
    browseName: name,
    dataType: DataType.String,
    minimumSamplingInterval: 100,
    value: { get: () => new Variant({ dataType: DataType.String, value: dump(variable.readValue().value.value) }) },
  });
}

await serve(
  "/structures",
  {
    buildInfo: { productName: "structures", manufacturerName: "opcua-session-manager" },
    serverInfo: { applicationUri: "urn:opcuasm:structures:server", applicationName: { text: "structures" } },
    nodeset_filename: [nodesets.standard, fileURLToPath(new URL("structures.xml", import.meta.url))],
  },
  (server) => {
    const { addressSpace } = server.engine;
    const namespace = addressSpace.getNamespace(NAMESPACE_URI);
    const folder = namespace.addFolder(addressSpace.rootFolder.objects, { nodeId: "s=Structures", browseName: "Structures" });
    const seen = namespace.addFolder(folder, { nodeId: "s=Seen", browseName: "Seen" });
    for (const [name, [typeName, value]] of Object.entries(VALUES)) {
      addVariable(namespace, folder, seen, name, addressSpace.findDataType(typeName, namespace.index), value);
    }
  },
);
