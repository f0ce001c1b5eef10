/**
 * Counts the changes that reach a reader of the simulator's Produced variables. The test that runs this makes them.
 *
 * Prints SUBSCRIBED when it listens, and when nothing more comes one line of JSON: how many changes came, how many are missing
 * between two values of the same variable, how many events told of losses, the lag in milliseconds from the server's PublishTime
 * until a message is here, and the processor's time of this process. TEST_VARIABLES says how many variables there are.
 */
import { Client } from './opcua-session-manager.mjs';

const QUIET_MILLIS = 1000;
const variables = Number(process.env.TEST_VARIABLES ?? 500);
const nodes = Array.from({ length: variables }, (_, i) => `ns=2;s=Produced/${String(i).padStart(5, '0')}`);

const client = await Client.connect({ endpoint: process.env.TEST_ENDPOINT_URL });
const stream = await client.subscribe({
  subscription: { publishingInterval: 50 },
  items: nodes.map((nodeId, clientHandle) => ({ nodeId, clientHandle, samplingInterval: 0, queueSize: 1000 })),
});
if (stream.items.some(item => item.statusCode !== 0)) {
  throw new Error('not every variable is monitored');
}
console.log('SUBSCRIBED');

const last = new Array(variables).fill(undefined);
const lags = [];
let changes = 0;
let lost = 0;
let interruptions = 0;
let first;
let began;
let ended;

/** Ends the stream when the server has had the same value twice, a second apart, and all of it is here. */
let before;
let quietSince = performance.now();
const watch = setInterval(async () => {
  if (performance.now() - quietSince < QUIET_MILLIS) {
    return;
  }
  quietSince = performance.now();
  const { value } = await client.read(nodes[0]);
  if (value === before && value > first && last.every(it => it === value)) {
    clearInterval(watch);
    await stream.close();
  }
  before = value;
}, QUIET_MILLIS / 4);

for await (const event of stream) {
  if (event.type === 'Overflow' || event.type === 'Gap') {
    interruptions++;
  } else if (event.type === 'Notifications') {
    for (const { clientHandle, value } of event.notifications) {
      if (last[clientHandle] === undefined) {
        first = value;
      } else {
        lost += Math.abs(value - last[clientHandle] - 1);
      }
      last[clientHandle] = value;
      changes++;
    }
    quietSince = performance.now();
    ended = quietSince;
    began ??= ended;
    lags.push(Date.now() - event.publishTime.date.getTime());
  }
}
await client.close();

lags.sort((a, b) => a - b);
const lag = share => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? null;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({
  changes,
  lost,
  interruptions,
  seconds: (ended - began) / 1000,
  lagP50: lag(0.5),
  lagP99: lag(0.99),
  cpuSeconds: (user + system) / 1e6,
}));
