// An OPC UA server on node-opcua with what the other scripts have not: a file of FileType and history with aggregates. It has
// no services for changing nodes or history, and says so. Started as serve.mjs says; every start begins with the same values.
//
// Namespace urn:opcuasm:interop:services, below Objects/Services:
//   Files/Data           a FileType, readable and writable: bytes 0 to 255, forty times
//   History/Historian1…3 Doubles with the samples of the data sets in Part 13, annex A.1, on 2026-01-01 at 12:00 UTC, and
//                        the configuration that the annex states for each
//   History/Boolean      a Boolean without history

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import opcua from "node-opcua";
import { installFileType } from "node-opcua-file-transfer";
import { serve } from "./serve.mjs";

const { AggregateFunction, DataType, StatusCodes, addAggregateSupport, installAggregateConfigurationOptions, makeAccessLevelFlag } =
  opcua;

const NAMESPACE_URI = "urn:opcuasm:interop:services";
const NOON = Date.parse("2026-01-01T12:00:00Z");
const ARCHIVED = 100;

/** Seconds after noon, value, status: a sample without a status is good. */
const SAMPLES = {
  Historian1: [
    [0, null, StatusCodes.BadNoData],
    [10, 10],
    [20, 20],
    [30, 30],
    [40, 40, StatusCodes.Bad],
    [50, 50],
    [60, 60],
    [70, 70, StatusCodes.Uncertain],
    [80, 80],
    [90, 90],
  ],
  Historian2: [
    [0, null, StatusCodes.BadNoData],
    [2, 10],
    [25, 20],
    [28, 25],
    [39, 30],
    [42, null, StatusCodes.BadDataLost],
    [48, 40],
    [52, 50],
    [72, 60],
    [77, 70, StatusCodes.Uncertain],
    [83, 70],
    [86, 80],
    [90, 90],
  ],
};
SAMPLES.Historian3 = SAMPLES.Historian2;

const CONFIGURATIONS = {
  Historian1: { treatUncertainAsBad: false, percentDataBad: 100, percentDataGood: 100, stepped: false },
  Historian2: { treatUncertainAsBad: true, percentDataBad: 100, percentDataGood: 100, stepped: false },
  Historian3: { treatUncertainAsBad: true, percentDataBad: 50, percentDataGood: 50, stepped: true },
};

let files;

function addFiles(namespace, parent) {
  const folder = namespace.addFolder(parent, { nodeId: "s=Files", browseName: "Files" });
  const filename = join(files, "data.bin");
  writeFileSync(filename, Buffer.concat(new Array(40).fill(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))));
  const type = namespace.addressSpace.findObjectType("FileType");
  const file = type.instantiate({
    organizedBy: folder,
    nodeId: "s=Files/Data",
    browseName: "Data",
    namespace,
  });
  installFileType(file, { filename });
}

function addHistory(namespace, parent) {
  const { addressSpace } = namespace;
  addAggregateSupport(addressSpace, [
    AggregateFunction.Interpolative,
    AggregateFunction.Minimum,
    AggregateFunction.Maximum,
    AggregateFunction.Average,
    AggregateFunction.Count,
    AggregateFunction.DurationGood,
    AggregateFunction.DurationBad,
    AggregateFunction.PercentGood,
  ]);
  const folder = namespace.addFolder(parent, { nodeId: "s=History", browseName: "History" });
  const access = makeAccessLevelFlag("CurrentRead | CurrentWrite | HistoryRead");
  for (const [name, samples] of Object.entries(SAMPLES)) {
    const node = namespace.addVariable({
      organizedBy: folder,
      nodeId: `s=History/${name}`,
      browseName: name,
      dataType: DataType.Double,
      accessLevel: access,
      userAccessLevel: access,
    });
    addressSpace.installHistoricalDataNode(node, { maxOnlineValues: ARCHIVED });
    installAggregateConfigurationOptions(node, { useSlopedExtrapolation: false, ...CONFIGURATIONS[name] });
    for (const [seconds, value, status] of samples) {
      const variant = value === null ? { dataType: DataType.Null } : { dataType: DataType.Double, value };
      node.setValueFromSource(variant, status ?? StatusCodes.Good, new Date(NOON + seconds * 1000));
    }
  }
  namespace.addVariable({
    organizedBy: folder,
    nodeId: "s=History/Boolean",
    browseName: "Boolean",
    dataType: DataType.Boolean,
    value: { dataType: DataType.Boolean, value: true },
  });
}

await serve(
  "/services",
  (pki) => {
    files = join(pki, "files");
    mkdirSync(files, { recursive: true });
    return { serverInfo: { applicationUri: "urn:opcuasm:interop:services:server", applicationName: { text: "services" } } };
  },
  (server) => {
    const { addressSpace } = server.engine;
    const namespace = addressSpace.registerNamespace(NAMESPACE_URI);
    const root = namespace.addFolder(addressSpace.rootFolder.objects, { nodeId: "s=Services", browseName: "Services" });
    addFiles(namespace, root);
    addHistory(namespace, root);
  },
);
