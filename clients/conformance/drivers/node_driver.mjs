// The Node client as the conformance kit drives it: `node node_driver.mjs SOCKET` (../README.md).
import { createInterface } from 'node:readline';
import { Client, OpcUaError } from '../../node/opcua-session-manager.mjs';

const BIG_OR_TEXT = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** JSON with integers beyond 2^53 as BigInt, which JSON.parse would round. */
const parse = line => JSON.parse(
  line.replace(BIG_OR_TEXT, part => (part.startsWith('"') ? part : `"@integer:${part}"`)),
  (name, value) => (typeof value === 'string' && value.startsWith('@integer:') ? BigInt(value.slice(9)) : value),
);

const big = value => (Array.isArray(value) ? value.map(big) : typeof value === 'string' ? BigInt(value) : value);

/** Int64 and UInt64 come to this client as texts; as JSON they are numbers. */
const print = value => process.stdout.write(`${JSON.stringify(value, (name, member) => {
  if (typeof member === 'bigint') {
    return `@integer:${member}`;
  }
  return (member?.type === 8 || member?.type === 9) && 'value' in member
    ? { ...member, value: big(member.value) }
    : member;
}).replace(/"@integer:(-?\d+)"/g, '$1')}\n`);

const failure = error => {
  if (!(error instanceof OpcUaError)) {
    throw error;
  }
  const { type, message, code, outcome } = error;
  return { success: false, error: { type, message, code, outcome } };
};

const [, , socket] = process.argv;
let connected;

/** One client for everything, connected when it is first needed; a new one after that failed. */
const client = () => {
  connected ??= Client.connect({ socket }).catch(error => {
    connected = undefined;
    throw error;
  });
  return connected;
};

const answer = async ({ command, ...members }) => {
  try {
    return { success: true, data: await (await client()).command(command, members) };
  } catch (error) {
    return failure(error);
  }
};

const stream = async ({ command, take, endpointUrl, config, ...request }) => {
  let subscription;
  try {
    const session = await (await client()).session({ endpoint: endpointUrl, config });
    subscription = await session.subscribe(request);
  } catch (error) {
    print(failure(error));
    return;
  }
  const { subscriptionId, revisedPublishingInterval, revisedLifetimeCount, revisedMaxKeepAliveCount, items, events } = subscription;
  print({
    success: true,
    data: { subscriptionId, revisedPublishingInterval, revisedLifetimeCount, revisedMaxKeepAliveCount, items, events },
  });
  try {
    let left = take;
    for await (const event of subscription) {
      if (event.type === 'Notifications') {
        print(event);
        left -= 1;
      }
      if (left === 0) {
        return;
      }
    }
    print({ type: 'End', error: null });
  } catch (error) {
    print({ type: 'End', error: failure(error).error });
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = parse(line);
  if (Array.isArray(request)) {
    print(await Promise.all(request.map(answer)));
  } else if (request.take === undefined) {
    print(await answer(request));
  } else {
    await stream(request);
  }
}
await (await connected?.catch(() => undefined))?.close();
