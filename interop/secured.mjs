// A secured server on node-opcua, started as serve.mjs says, with every policy and mode that it has. Basic128Rsa15 is not
// among them: Node.js refuses to decrypt with RSA PKCS#1 v1.5 since CVE-2023-46809.
//
//   node secured.mjs --port N --pki DIR [--user-certificate FILE] [--default-certificate] [--lifetime MILLIS]
//
// Users: anonymous; "operator" with the password "secret"; the one whose certificate (DER) is given. Its own
// certificate names the server's application URI and its host, and is kept in DIR; with --default-certificate it is what
// node-opcua makes for itself, whose application URI is not the server's, so that strict clients refuse it. Channels live
// for MILLIS at most.
//
// Namespace urn:opcuasm:interop:secured, below Objects: Value (ns=…;s=Value), a writable Int32; CreateSession and
// ActivateSession, how many of these requests this process got; Renewals, how many times the channels that are open now have renewed their token.

import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import opcua from "node-opcua";
import { serve } from "./serve.mjs";

const { DataType, MessageSecurityMode, OPCUACertificateManager, SecurityPolicy, Variant, makeAccessLevelFlag } = opcua;

const NAMESPACE_URI = "urn:opcuasm:interop:secured";
const APPLICATION_URI = "urn:opcuasm:interop:secured:server";
const VALID_DAYS = 365;
const DAY_MILLIS = 86_400_000;

async function certificateManager(folder, acceptsAll) {
  const manager = new OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: acceptsAll,
    keySize: 2048,
  });
  await manager.initialize();
  return manager;
}

/** The options that name a certificate with the right application URI and host names, made at the first start. */
async function ownCertificate(manager, pki) {
  const certificateFile = join(pki, "server.pem");
  if (!existsSync(certificateFile)) {
    await manager.createSelfSignedCertificate({
      applicationUri: APPLICATION_URI,
      subject: "/CN=interop secured",
      dns: ["localhost", hostname()],
      ip: ["127.0.0.1"],
      startDate: new Date(Date.now() - DAY_MILLIS),
      validity: VALID_DAYS,
      outputFile: certificateFile,
    });
  }
  return { certificateFile, privateKeyFile: manager.privateKey };
}

function addCount(namespace, name, count) {
  namespace.addVariable({
    organizedBy: namespace.addressSpace.rootFolder.objects,
    nodeId: `s=${name}`,
    browseName: name,
    dataType: DataType.UInt32,
    minimumSamplingInterval: 100,
    value: { get: () => new Variant({ dataType: DataType.UInt32, value: count() }) },
  });
}

await serve(
  "/secured",
  async (pki, values) => {
    const serverCertificateManager = await certificateManager(join(pki, "server"), true);
    const userCertificateManager = await certificateManager(join(pki, "user"), false);
    if (values["user-certificate"] !== undefined) {
      await userCertificateManager.trustCertificate(readFileSync(values["user-certificate"]));
    }
    return {
      serverCertificateManager,
      userCertificateManager,
      securityPolicies: [
        SecurityPolicy.None,
        SecurityPolicy.Basic256,
        SecurityPolicy.Basic256Sha256,
        SecurityPolicy.Aes128_Sha256_RsaOaep,
        SecurityPolicy.Aes256_Sha256_RsaPss,
      ],
      securityModes: [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
      userManager: { isValidUser: (name, password) => name === "operator" && password === "secret" },
      serverInfo: { applicationUri: APPLICATION_URI, applicationName: { text: "interop secured" } },
      serverCapabilities: { maxSessions: 200 },
      defaultSecureTokenLifetime: values.lifetime === undefined ? undefined : Number(values.lifetime),
      ...(values["default-certificate"] ? {} : await ownCertificate(serverCertificateManager, pki)),
    };
  },
  (server) => {
    const { addressSpace } = server.engine;
    const namespace = addressSpace.registerNamespace(NAMESPACE_URI);
    const readWrite = makeAccessLevelFlag("CurrentRead | CurrentWrite");
    namespace.addVariable({
      organizedBy: addressSpace.rootFolder.objects,
      nodeId: "s=Value",
      browseName: "Value",
      dataType: DataType.Int32,
      accessLevel: readWrite,
      userAccessLevel: readWrite,
      value: new Variant({ dataType: DataType.Int32, value: 1 }),
    });
    const requests = new Map();
    server.on("request", ({ schema: { name } }) => requests.set(name, (requests.get(name) ?? 0) + 1));
    for (const service of ["CreateSession", "ActivateSession"]) {
      addCount(namespace, service, () => requests.get(`${service}Request`) ?? 0);
    }
    addCount(namespace, "Renewals", () =>
      server.endpoints
        .flatMap((endpoint) => endpoint.getChannels())
        .reduce((sum, channel) => sum + Math.max(0, channel.securityTokenCount - 1), 0),
    );
  },
  {
    "user-certificate": { type: "string" },
    "default-certificate": { type: "boolean" },
    lifetime: { type: "string" },
  },
);
