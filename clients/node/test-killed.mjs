/**
 * What a program sees whose daemon is killed in the middle of a stream, of a browse and of a call: whoever runs this kills the
 * daemon in OPCUA_SOCKET_PATH when READY comes, and starts it anew when GONE does. Browses hang meanwhile.
 */
import assert from 'node:assert/strict';
import { BuiltinType, Client, Variant } from './opcua-session-manager.mjs';

const LIMIT = 60_000;
const endpoint = process.env.TEST_ENDPOINT_URL;
const client = await Client.connect({ endpoint });
const before = client.sessionId;
const stream = await client.subscribe({ items: ['ns=2;s=Scalars/Int32'] });
while ((await stream.next()).value.type !== 'Notifications') {
  // The first values come at once.
}

async function readAll(events) {
  let count = 0;
  for await (const event of events) {
    count += event === undefined ? 0 : 1;
  }
  return count;
}

// Requests are read by the daemon in their order: when the ping is answered, it has them.
const failures = Promise.allSettled([
  readAll(stream),
  client.browse('ns=2;s=Scalars', { useCache: false }),
  client.call('ns=2;s=Methods', 'ns=2;s=Methods/Slow', [new Variant(BuiltinType.UInt32, 20_000)]),
]);
await client.ping();
console.log('READY');

const [streamed, browsed, called] = (await failures).map(it => it.reason);
assert.equal(streamed.name, 'ConnectionLostError');
// It was asked once more, and then there was nobody.
assert.equal(browsed.name, 'DaemonNotRunningError');
assert.equal(called.name, 'ConnectionLostError');
assert.equal(called.outcome, 'unknown');
await assert.rejects(client.write('ns=2;s=Scalars/Int32', 1), { name: 'DaemonNotRunningError', outcome: 'not_sent' });
console.log('GONE');

const end = performance.now() + LIMIT;
let value;
while (value === undefined) {
  try {
    value = (await client.read('ns=2;s=Scalars/Int32')).value;
  } catch (error) {
    assert.equal(error.name, 'DaemonNotRunningError');
    assert.ok(performance.now() < end, 'the daemon did not come back');
    await new Promise(resolve => {
      setTimeout(resolve, 20);
    });
  }
}
assert.notEqual(client.sessionId, before);
await client.close();
console.log('BACK');
