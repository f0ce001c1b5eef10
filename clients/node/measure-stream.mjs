/**
 * Reads variables that each rise by one, and says what is missing: a reader for load tests, with as little around it as a
 * program of yours would have.
 *
 *   node measure-stream.mjs VARIABLES ROUND
 *
 * It prints READY when all of them are monitored, and ends when each has reached the value ROUND, with one line of JSON:
 * changes read, changes lost, interruptions told (Overflow, Gap), changes a second, and the lag in milliseconds from the
 * server's PublishTime until the message is here. The daemon and the server are in OPCUA_SOCKET_PATH and TEST_ENDPOINT_URL.
 */
import { Client } from './opcua-session-manager.mjs';

const [variables, round] = process.argv.slice(2).map(Number);
const client = await Client.connect({ endpoint: process.env.TEST_ENDPOINT_URL });
const stream = await client.subscribe({
  subscription: { publishingInterval: 50 },
  items: Array.from({ length: variables }, (_, i) => ({
    nodeId: `ns=2;s=Produced/${String(i).padStart(5, '0')}`, clientHandle: i, queueSize: 1000,
  })),
});
if (stream.items.some(item => item.statusCode !== 0)) {
  throw new Error('not every variable is monitored');
}
console.log('READY');

const last = new Array(variables).fill(undefined);
const lags = [];
let changes = 0;
let lost = 0;
let interruptions = 0;
let behind = variables;
let began = 0;
for await (const event of stream) {
  if (event.type === 'Overflow' || event.type === 'Gap') {
    interruptions++;
  } else if (event.type === 'Notifications') {
    for (const { clientHandle, value } of event.notifications) {
      const before = last[clientHandle];
      if (before === undefined) {
        behind -= value >= round ? 1 : 0;
      } else {
        changes++;
        lost += Math.abs(value - before - 1);
        behind -= before < round && value >= round ? 1 : 0;
      }
      last[clientHandle] = value;
    }
    if (changes > 0) {
      began ||= performance.now();
      lags.push(Date.now() - event.publishTime.date.getTime());
    }
    if (behind === 0) {
      break;
    }
  }
}
const seconds = (performance.now() - began) / 1000;
await client.close();

lags.sort((a, b) => a - b);
const lag = share => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? null;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({
  changes, lost, interruptions, perSecond: Math.round(changes / seconds), lagP50: lag(0.5), lagP99: lag(0.99),
  cpuSeconds: (user + system) / 1e6,
}));
