// What every server of this module does around its address space: it listens on the port that it is given, prints
// "READY URL" once it accepts, then nothing, and ends on SIGTERM, on SIGINT, and when its standard input closes, so that
// it never outlives the test that started it.
//
//   node SCRIPT --port N [--pki DIR]

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import opcua from "node-opcua";

const { MessageSecurityMode, OPCUACertificateManager, OPCUAServer, SecurityPolicy } = opcua;

const SHUTDOWN_MILLIS = 5_000;

function options(parameters) {
  const { values } = parseArgs({ options: { port: { type: "string" }, pki: { type: "string" }, ...parameters } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`--port: got ${values.port}, expected 1 to 65535`);
  }
  return { port, givenPki: values.pki, values };
}

/**
 * Runs a server without security for anonymous clients, unless its options say more.
 *
 * @param resourcePath path of its URL
 * @param serverOptions further options of OPCUAServer, or a function that makes them of the folder for keys and the
 *   values of the parameters
 * @param populate called with the server before it listens, to build its address space
 * @param parameters further parameters of the command line, as parseArgs wants them
 */
export async function serve(resourcePath, serverOptions, populate, parameters = {}) {
  const { port, givenPki, values } = options(parameters);
  const pki = givenPki ?? mkdtempSync(join(tmpdir(), "interop-pki-"));
  const certificates = (name) =>
    new OPCUACertificateManager({
      rootFolder: join(pki, name),
      automaticallyAcceptUnknownCertificate: true,
      keySize: 2048,
    });
  const server = new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    resourcePath,
    securityPolicies: [SecurityPolicy.None],
    securityModes: [MessageSecurityMode.None],
    allowAnonymous: true,
    maxConnectionsPerEndpoint: 200,
    serverCertificateManager: certificates("server"),
    userCertificateManager: certificates("user"),
    ...(typeof serverOptions === "function" ? await serverOptions(pki, values) : serverOptions),
  });

  let ending = false;
  const end = async (reason) => {
    if (ending) {
      return;
    }
    ending = true;
    setTimeout(() => process.exit(0), SHUTDOWN_MILLIS).unref();
    try {
      await server.shutdown(0);
    } catch (e) {
      console.error(`shutdown (${reason}): ${e.message}`);
    }
    if (givenPki === undefined) {
      rmSync(pki, { recursive: true, force: true });
    }
    process.exit(0);
  };
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
  process.stdin.on("end", () => end("end of standard input")).on("error", () => end("standard input")).resume();

  await server.initialize();
  populate(server);
  await server.start();
  if (!ending) {
    console.log(`READY opc.tcp://127.0.0.1:${port}${resourcePath}`);
  }
}
