/**
 * What a program does with the client. Try it beside a daemon and its simulator:
 *
 *   opcua-session-manager demo                       # prints the server's URL
 *   node example.mjs opc.tcp://127.0.0.1:4840/simulator
 */
import { BuiltinType, Client, DaemonNotRunningError, OpcUaError, Variant } from './opcua-session-manager.mjs';

const endpoint = process.argv[2] ?? 'opc.tcp://127.0.0.1:4840/simulator';
let client;
try {
  client = await Client.connect({ endpoint });

  const value = await client.read('ns=2;s=Scalars/Int32');
  console.log(`${value.typeName} ${value.value}, ${value.isGood ? 'good' : 'not good'}`);

  // Int64 and UInt64 are BigInt, both ways and in all their digits.
  await client.write('ns=2;s=Scalars/Int64', 9007199254740993n, BuiltinType.Int64);
  console.log((await client.read('ns=2;s=Scalars/Int64')).value);

  const { outputArguments } = await client.call('ns=2;s=Methods', 'ns=2;s=Methods/Add', [
    new Variant(BuiltinType.Double, 1.5), new Variant(BuiltinType.Double, 2),
  ]);
  console.log(outputArguments[0].value);

  for (const { browseName, nodeId } of (await client.browseAll('ns=2;s=Dynamic'))) {
    console.log(`${browseName.name} ${nodeId}`);
  }

  // Leaving the loop ends the stream; what the server had of it is deleted.
  let seen = 0;
  for await (const event of await client.subscribe({ items: ['ns=2;s=Dynamic/Counter'] })) {
    if (event.type === 'Notifications') {
      for (const change of event.notifications) {
        console.log(`changed: ${change.dataValue.typeName}`);
      }
      if (++seen === 2) {
        break;
      }
    } else if (event.type === 'Overflow' || event.type === 'Gap') {
      console.warn('values are missing here', event);
    }
  }
} catch (error) {
  if (!(error instanceof OpcUaError)) {
    throw error;
  }
  // Messages of DaemonNotRunningError say how to start one.
  console.error(error instanceof DaemonNotRunningError ? error.message : `${error.type}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await client?.close();
}
