/**
 * The client against the real daemon, whose socket and token are in OPCUA_SOCKET_PATH and OPCUA_AUTH_TOKEN, before the
 * project's simulator in TEST_ENDPOINT_URL; and against a few lines that stand for a daemon where it takes one that cuts,
 * stalls or is old.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import * as api from './opcua-session-manager.mjs';
import { standIn } from './stand-in.mjs';

const {
  AttributeId, BuiltinType, Client, DataValue, DateTime, ExtensionObject, NodeId, Variant, decodeValue, encode,
} = api;
const endpoint = process.env.TEST_ENDPOINT_URL;
const scalar = name => `ns=2;s=Scalars/${name}`;
const array = name => `ns=2;s=Arrays/${name}`;
const METHODS = 'ns=2;s=Methods';
const LIMIT = 30_000;

const directory = mkdtempSync(join(tmpdir(), 'node-client-'));
after(() => rmSync(directory, { recursive: true }));

let client;
before(async () => {
  client = await Client.connect({ endpoint });
});
after(async () => {
  await client.disconnect();
  await client.close();
});

describe('values', () => {
  const there = [
    ['Boolean', false], ['SByte', -128], ['Byte', 255], ['Int16', -32768], ['UInt16', 65535], ['Int32', -2147483648],
    ['UInt32', 4294967295], ['Int64', -9223372036854775808n], ['Int64', 9223372036854775807n], ['Int64', 9007199254740993n],
    ['UInt64', 18446744073709551615n], ['Float', 0.1], ['Float', NaN], ['Double', 0.1], ['Double', Infinity],
    ['Double', -Infinity], ['Double', NaN], ['Double', -0], ['Double', 5e-324], ['Double', 1e300], ['Double', 2 ** 60],
    ['String', 'pump 🚰 "\\\u0001 \u2028'], ['Guid', '00112233-4455-6677-8899-aabbccddeeff'],
    ['ByteString', Buffer.from([0, 255, 10, 13])], ['ByteString', Buffer.alloc(0)],
    ['XmlElement', '<a>1</a>'], ['StatusCode', 0x80340000],
    ['QualifiedName', { ns: 2, name: 'Speed' }], ['LocalizedText', { locale: 'de', text: 'Förderband' }],
    ['DateTime', new DateTime('2024-02-29T12:30:15.1234567+00:00')],
    ['NodeId', NodeId.parse('ns=2;s=Speed')], ['NodeId', NodeId.parse('ns=1;b=AP8=')],
    ['NodeId', NodeId.parse('ns=1;g=00112233-4455-6677-8899-aabbccddeeff')], ['NodeId', NodeId.parse('i=4294967295')],
    ['ExpandedNodeId', new NodeId(0, 5, { namespaceUri: 'urn:elsewhere', serverIndex: 7 })],
  ];
  for (const [type, value] of there) {
    test(`${type} there and back: ${String(value)}`, async () => {
      assert.equal(await client.write(scalar(type), value, BuiltinType[type]), 0);

      const read = await client.read(scalar(type));

      assert.equal(read.typeName, type);
      assert.deepEqual(read.value, value);
      assert.ok(read.isGood);
    });
  }

  test('what was read of every type can be written as it is', async () => {
    const types = Object.keys(BuiltinType).filter(type => !['ExtensionObject', 'DataValue', 'DiagnosticInfo'].includes(type));
    const nodes = [...types.map(scalar), ...types.map(array), array('Matrix'), array('Empty'), 'ns=2;s=Structures/Everything'];
    const values = await client.readMulti(nodes);

    const codes = await client.writeMulti(nodes.map((nodeId, i) => ({ nodeId, value: values[i] })));

    assert.deepEqual(codes, codes.map(() => 0));
    const again = await client.readMulti(nodes);
    assert.deepEqual(again.map(it => it.value), values.map(it => it.value));
    assert.deepEqual(again.map(it => it.type), values.map(it => it.type));
  });

  test('arrays, with the elements of their type', async () => {
    const cases = {
      Int64: [-9223372036854775808n, 0n, 9223372036854775807n], UInt64: [0n, 18446744073709551615n],
      ByteString: [Buffer.from([1]), null], Double: [NaN, Infinity, -0, 0.5],
      DateTime: [null, new DateTime('2024-02-29T12:30:15.1234567+00:00')], String: ['', null, '三'],
      Variant: [new Variant(BuiltinType.Int64, 2n ** 60n), new Variant(BuiltinType.Double, [1.5, NaN])],
    };
    for (const [type, value] of Object.entries(cases)) {
      assert.equal(await client.write(array(type), value, BuiltinType[type]), 0, type);
      assert.deepEqual((await client.read(array(type))).value, value, type);
    }
  });

  test('typed arrays are arrays, and bytes are a ByteString unless the type is Byte', async () => {
    await client.write(array('Int64'), new BigInt64Array([-5n, 5n]), BuiltinType.Int64);
    await client.write(array('Double'), new Float64Array([1.5, NaN]));
    await client.write(array('Byte'), new Uint8Array([7, 255]), BuiltinType.Byte);
    await client.write(scalar('ByteString'), new Uint8Array([7, 255]).subarray(1));

    assert.deepEqual((await client.read(array('Int64'))).value, [-5n, 5n]);
    assert.deepEqual((await client.read(array('Double'))).value, [1.5, NaN]);
    assert.deepEqual((await client.read(array('Byte'))).value, [7, 255]);
    assert.deepEqual((await client.read(scalar('ByteString'))).value, Buffer.from([255]));
  });

  test('a matrix is flat, with its dimensions', async () => {
    await client.write(array('Matrix'), [[1, 2, 3], [4, 5, 6]]);
    const read = await client.read(array('Matrix'));
    assert.deepEqual([read.value, read.dimensions], [[1, 2, 3, 4, 5, 6], [2, 3]]);

    await client.write(scalar('Variant'), new Variant(BuiltinType.Int64, [1n, 2n, 3n, 2n ** 62n], [2, 2]));
    const exact = await client.read(scalar('Variant'));
    assert.deepEqual([exact.value, exact.dimensions], [[1n, 2n, 3n, 2n ** 62n], [2, 2]]);
  });

  test('a structure shows its fields, and a field is read as the type that the caller knows', async () => {
    const everything = (await client.read('ns=2;s=Structures/Everything')).value;

    assert.ok(everything instanceof ExtensionObject);
    assert.equal(everything.typeId.toString(), 'ns=2;s=DataTypes/Everything/Default Binary');
    assert.equal(everything.value.Int64, '-9223372036854775808');
    assert.equal(everything.field('Int64', BuiltinType.Int64), -9223372036854775808n);
    assert.equal(everything.field('UInt64', BuiltinType.UInt64), 18446744073709551615n);
    assert.deepEqual(everything.field('ByteString', BuiltinType.ByteString), Buffer.from([0, 255]));
    assert.equal(everything.field('NoSuch.Field', BuiltinType.Int64), undefined);
  });

  test('a structure is changed by its fields, or made of them', async () => {
    const node = 'ns=2;s=Structures/Point';
    const point = (await client.read(node)).value;

    assert.equal(await client.write(node, point.with({ Y: 7.5 })), 0);
    assert.deepEqual((await client.read(node)).value.value, { ...point.value, Y: 7.5 });

    assert.equal(await client.write(node, ExtensionObject.of('ns=2;s=DataTypes/Point', { X: 1, Y: -0 })), 0);
    assert.deepEqual((await client.read(node)).value.value, { X: 1, Y: -0 });
  });

  test('times keep 100 ns, and a Date has milliseconds', () => {
    const time = new DateTime('1969-12-31T23:59:59.9999999+00:00');

    assert.equal(time.epochNanoseconds, -100n);
    assert.equal(new DateTime('2024-02-29T13:30:15.1234567+01:00').epochNanoseconds, 1709209815123456700n);
    assert.equal(new DateTime('2024-02-29T12:30:15.1234567+00:00').date.toISOString(), '2024-02-29T12:30:15.123Z');
    assert.throws(() => new DateTime('yesterday'), api.InvalidArgumentError);
    assert.throws(() => encode(new Date(NaN)), api.InvalidArgumentError);
  });

  test('a whole number that has lost digits is refused, and says what to give', async () => {
    for (const type of [BuiltinType.Int64, BuiltinType.UInt64, undefined]) {
      await assert.rejects(client.write(scalar('Int64'), 2 ** 53, type), error => {
        assert.ok(error instanceof api.InvalidArgumentError);
        assert.equal(error.outcome, 'not_sent');
        assert.match(error.message, /^value: 9007199254740992 is beyond 2\^53.*BigInt/);
        return true;
      });
    }
    await assert.rejects(
      client.call(METHODS, `${METHODS}/Echo`, [{ type: BuiltinType.Int64, value: [1, 2 ** 63] }]),
      /params\[2\]\[0\]\.value\[1\]: 9223372036854776000 is beyond 2\^53/,
    );
    assert.equal(encode(2 ** 53, BuiltinType.Double), '9007199254740992');
  });

  test('what cannot be sent is refused before it is', () => {
    const ring = {};
    ring.ring = ring;
    for (const value of [() => 1, Symbol('x'), ring, new DataView(new ArrayBuffer(1))]) {
      assert.throws(() => encode(value), api.InvalidArgumentError);
    }
  });

  test('node ids are text and back', () => {
    for (const text of ['i=2258', 'ns=2;s=a;b=c', 'ns=1;b=AP8=', 'nsu=urn:plant;s=x', 'svr=1;ns=2;i=7']) {
      assert.equal(NodeId.parse(text).toString(), text);
      assert.ok(NodeId.of(NodeId.parse(text).toJSON()).equals(NodeId.parse(text)));
    }
    for (const text of ['i=4294967296', 'i=x', 'x=1', 's', '']) {
      assert.throws(() => NodeId.parse(text), api.InvalidNodeIdError);
    }
    assert.ok(NodeId.parse('i=0').isNull);
  });
});

describe('methods', () => {
  test('quality and times come with a value', async () => {
    const [good, uncertain, bad, unknown] = await client.readMulti([
      scalar('Int32'), 'ns=2;s=Quality/Uncertain', { nodeId: 'ns=2;s=Quality/Bad' }, NodeId.parse('ns=2;s=NoSuch'),
    ]);

    assert.deepEqual([good.isGood, uncertain.isUncertain, bad.isBad, unknown.isBad], [true, true, true, true]);
    assert.equal(unknown.statusCode, 0x80340000);
    assert.equal(unknown.value, null);
    assert.ok(good.sourceTimestamp instanceof DateTime);
  });

  test('a value shows what it is on a console', async () => {
    await client.write(scalar('Int64'), 5n, BuiltinType.Int64);
    const shown = inspect(await client.read(scalar('Int64')));

    assert.match(shown, /^DataValue \{\s+value: 5n,\s+type: 'Int64',\s+statusCode: 0,\s+sourceTimestamp: DateTime '2/);
    assert.equal(inspect(NodeId.parse('ns=2;s=Speed')), "NodeId 'ns=2;s=Speed'");
  });

  test('another attribute than the value', async () => {
    const name = await client.read(scalar('Int32'), { attribute: AttributeId.BrowseName });

    assert.deepEqual(name.value, { ns: 2, name: 'Int32' });
  });

  test('browsing, resolving and translating', async () => {
    const below = await client.browseAll('ns=2;s=Scalars');
    const first = await client.browse('ns=2;s=Scalars', { nodeClasses: [2] });
    const tree = await client.browseRecursive('ns=2;s=Cycle', { maxDepth: 3 });
    const node = await client.resolve('/Objects/2:Simulator/2:Scalars/2:Int32');
    const [translated] = await client.translateBrowsePaths([
      { startingNodeId: 'ns=2;s=Scalars', relativePath: [{ targetName: { ns: 2, name: 'Int32' } }] },
    ]);

    assert.equal(below.length, 22);
    assert.equal(first.length, 22);
    assert.ok(below.some(it => it.nodeId.equals(NodeId.parse(scalar('Int64'))) && it.typeDefinition instanceof NodeId));
    assert.ok(tree[0].children.length > 0);
    assert.equal(node.toString(), scalar('Int32'));
    assert.equal(translated.targets[0].targetId.toString(), scalar('Int32'));
  });

  test('pages of a browse', async () => {
    const page = await client.browseWithContinuation('ns=2;s=Scalars');

    assert.equal(page.references.length, 22);
    assert.equal(page.continuationPoint, null);
    await assert.rejects(client.browseNext('AAAA'), { name: 'ServiceError', code: 0x804a0000 });
  });

  test('calls', async () => {
    const echo = await client.call(METHODS, `${METHODS}/Echo`, [new Variant(BuiltinType.UInt64, 2n ** 64n - 1n)]);
    const many = await client.call(METHODS, `${METHODS}/MultiOutput`);
    const failed = await client.call(METHODS, `${METHODS}/Fail`);

    assert.deepEqual(echo.outputArguments, [new Variant(BuiltinType.UInt64, 2n ** 64n - 1n)]);
    assert.deepEqual(many.outputArguments.map(it => it.value), [42, 'forty-two', [1.5, -2.5, 0], null]);
    assert.equal(failed.statusCode, 0x80020000);
  });

  test('history', async () => {
    const ramp = 'ns=2;s=History/Ramp';
    const newest = await client.historyReadRaw(ramp, { end: new Date(), limit: 3 });
    const [start, , end] = newest.map(it => it.sourceTimestamp).reverse();
    const average = await client.historyReadProcessed(ramp, { start, end, interval: 1000, aggregate: 'i=2342' });
    const at = await client.historyReadAtTime(ramp, [start]);

    assert.equal(newest.length, 3);
    assert.equal(average.length, 2);
    assert.equal(at[0].value, newest[2].value);
  });

  test('subscriptions that are polled', async () => {
    const { subscriptionId } = await client.createSubscription({ publishingInterval: 50 });
    const [item] = await client.createMonitoredItems(subscriptionId, [{ nodeId: scalar('Int64'), clientHandle: 9 }]);
    const message = await client.publish({ subscriptionIds: [subscriptionId], maxWait: 5000 });
    const [modified] = await client.modifyMonitoredItems(subscriptionId, [
      { monitoredItemId: item.monitoredItemId, samplingInterval: 1000 },
    ]);

    assert.equal(item.statusCode, 0);
    assert.equal(message.notifications[0].clientHandle, 9);
    assert.equal(typeof message.notifications[0].value, 'bigint');
    assert.equal(modified.revisedSamplingInterval, 1000);
    assert.deepEqual(await client.deleteMonitoredItems(subscriptionId, [item.monitoredItemId]), [0]);
    assert.equal(await client.deleteSubscription(subscriptionId), 0);
    await assert.rejects(client.publish({ maxWait: 1000 }), { name: 'ServiceError', code: 0x80790000 });
  });

  test('any method, typed values, other servers and commands', async () => {
    const typed = await client.invoke('read', { __t: 'NodeId', v: scalar('Boolean') });
    const shot = await client.oneShot({ endpoint }, 'read', scalar('Int64'));
    const listed = await client.list();

    assert.equal(await client.query('isConnected'), true);
    assert.equal(typed.__t, 'DataValue');
    assert.equal(DataValue.of(shot).type, BuiltinType.Int64);
    assert.equal((await client.getEndpoints(endpoint))[0].endpointUrl, endpoint);
    assert.equal((await client.ping()).status, 'ok');
    assert.equal((await client.hello()).protocol, 2);
    assert.ok(listed.some(it => it.id === client.sessionId));
    assert.ok((await client.describe()).methods.includes('read'));
  });

  test('what the daemon counts, and which servers a server knows', async () => {
    const stats = await client.stats();
    const [server] = await client.findServers(endpoint);

    assert.ok(stats.daemon.requests > 0);
    assert.ok(stats.sessions.some(it => it.sessionId === client.sessionId && it.latency.count > 0));
    assert.ok(server.discoveryUrls.includes(endpoint));
  });

  test('a second session on the same connection', async () => {
    const other = await client.session({ endpoint, forceNew: true });

    assert.notEqual(other.sessionId, client.sessionId);
    assert.equal((await other.read(scalar('Int32'))).typeName, 'Int32');
    await other.close();
    await assert.rejects(other.read(scalar('Int32')), api.ClosedError);
    assert.equal((await client.ping()).status, 'ok');
  });

  test('1,000 reads under way at once', async () => {
    const nodes = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? scalar('Int32') : array('Int32')));

    const values = await Promise.all(nodes.map(node => client.read(node)));

    assert.ok(values.every((it, i) => it.isGood && Array.isArray(it.value) === (i % 2 === 1)));
  });

  test('an answer of more than 1 MiB', async () => {
    const values = await client.readMulti(Array(300).fill(array('Large')));

    assert.ok(JSON.stringify(values).length > 1024 * 1024);
    assert.ok(values.every(it => it.value.length === 1000));
  });

  test('close leaves the session to the next program, disconnect gives it up', async () => {
    const config = { sessionName: 'left behind' };
    const first = await Client.connect({ endpoint, config });
    await first.close();
    const second = await Client.connect({ endpoint, config });

    assert.equal(second.wasSessionReused, true);
    // Both opens count.
    await client.command('close', { sessionId: second.sessionId });
    await second.disconnect();
    assert.equal(second.sessionId, null);
    assert.ok(!(await client.list()).some(it => it.config.sessionName === 'left behind'));

    assert.equal((await second.read(scalar('Int32'))).typeName, 'Int32');
    await second.disconnect();
    await second.close();
  });

  test('an Int64 stays exact after a hello by hand', async () => {
    await client.write(scalar('Int64'), 9007199254740993n, BuiltinType.Int64);

    await client.command('hello');

    assert.equal((await client.read(scalar('Int64'))).value, 9007199254740993n);
  });

  test('a session that the daemon has closed is opened again', async () => {
    const mine = await Client.connect({ endpoint, forceNew: true });
    const before = mine.sessionId;
    await client.command('close', { sessionId: before, force: true });

    assert.equal((await mine.read(scalar('Int32'))).typeName, 'Int32');

    assert.notEqual(mine.sessionId, before);
    await mine.close();
  });
});

describe('errors', () => {
  test('have a class for each type, and say what is known of a write', async () => {
    await assert.rejects(client.write(scalar('Byte'), 300), {
      name: 'WriteTypeMismatchError', type: 'WriteTypeMismatchException', outcome: 'not_sent',
    });
    await assert.rejects(client.read('ns=x;i=1'), { name: 'InvalidNodeIdError' });
    await assert.rejects(client.read(5), { name: 'InvalidArgumentError' });
    await assert.rejects(client.query('noSuchMethod'), { name: 'ForbiddenMethodError', type: 'forbidden_method' });
    await assert.rejects(client.command('noSuchCommand'), { name: 'UnknownCommandError' });
    await assert.rejects(client.resolve('/Objects/2:NoSuch'), { name: 'ServiceError', code: 0x806f0000 });
    await assert.rejects(client.session({ endpoint: 'http://localhost' }), { name: 'ConfigurationError' });
    await assert.rejects(client.session({ connection: 'no such name' }), { name: 'InvalidArgumentError' });
    await assert.rejects(client.session({ endpoint, config: { securityPolicy: 'Basic256Sha256' } }), { name: 'SecurityError' });
  });

  test('a wrong token', async () => {
    await assert.rejects(Client.connect({ token: 'wrong' }), { name: 'AuthFailedError', type: 'auth_failed' });
  });

  test('a token from a file', async () => {
    const tokenFile = join(directory, 'token');
    writeFileSync(tokenFile, `${process.env.OPCUA_AUTH_TOKEN}\n`);

    const withFile = await Client.connect({ tokenFile });

    assert.equal((await withFile.ping()).status, 'ok');
    await withFile.close();
    await assert.rejects(Client.connect({ tokenFile: join(directory, 'absent') }), /The token file .* cannot be read \(ENOENT\)/);
  });

  test('no daemon: says what to do', async () => {
    const socket = join(directory, 'absent.sock');

    await assert.rejects(Client.connect({ socket, endpoint }), error => {
      assert.ok(error instanceof api.DaemonNotRunningError);
      assert.equal(error.outcome, 'not_sent');
      assert.match(error.message, /No daemon is listening on .*absent\.sock \(ENOENT\): start it with/);
      return true;
    });
  });

  test('a daemon of protocol 1 only', async () => {
    const old = await standIn((request, say) => say({
      success: false, error: { type: 'unknown_command', message: 'Unknown command: hello' }, id: request.id,
    }), { greets: false });

    await assert.rejects(Client.connect(old), { name: 'UnsupportedDaemonError' });
    old.close();
  });

  test('a request that the daemon would not take is refused here, and the connection lives', async () => {
    await assert.rejects(client.read(`ns=2;s=${'x'.repeat(70_000)}`), { name: 'PayloadTooLargeError' });

    assert.equal((await client.ping()).status, 'ok');
  });

  test('a client that was closed', async () => {
    const mine = await Client.connect({ endpoint });
    await mine.close();
    await mine.close();

    await assert.rejects(mine.read(scalar('Int32')), api.ClosedError);
    await assert.rejects(mine.ping(), api.ClosedError);
  });
});

describe('giving up', () => {
  test('a request that was aborted before it was made is not sent', async () => {
    const reason = new Error('changed my mind');

    await assert.rejects(client.write(scalar('Int32'), 1, null, { signal: AbortSignal.abort(reason) }), {
      name: 'AbortError', type: 'cancelled', outcome: 'not_sent', cause: reason,
    });
  });

  test('a call under way that is aborted may have been carried out', async () => {
    const abort = new AbortController();
    const call = client.call(METHODS, `${METHODS}/Slow`, [new Variant(BuiltinType.UInt32, 2000)], { signal: abort.signal });
    // The daemon answers in order of completion: when this is answered, the call has been read.
    await client.ping();
    abort.abort();

    await assert.rejects(call, { name: 'AbortError', outcome: 'unknown' });
    assert.equal((await client.ping()).status, 'ok');
  });

  test('a daemon that knows cancel is told, and its word counts', async () => {
    const cancels = [];
    const abort = new AbortController();
    const daemon = await standIn((request, say) => {
      if (request.command === 'cancel') {
        cancels.push(request.target);
        say({ id: request.target, success: false, error: { type: 'cancelled', message: 'Cancelled', outcome: 'not_sent' } });
        say({ id: request.id, success: true, data: { cancelled: true } });
      } else {
        abort.abort();
      }
    });
    const mine = await Client.connect({ ...daemon, connection: 'x' });

    await assert.rejects(mine.write('i=1', 1, null, { signal: abort.signal }), { name: 'AbortError', outcome: 'not_sent' });

    assert.equal(cancels.length, 1);
    await mine.close();
    daemon.close();
  });

  test('a daemon that does not answer', async () => {
    const daemon = await standIn(() => {});
    const mine = await Client.connect(daemon);

    await assert.rejects(mine.ping({ timeout: 50 }), { name: 'TimeoutError', type: 'answer_timeout' });
    await mine.close();
    daemon.close();
  });

  test('a signal for many requests at once', async () => {
    const warnings = [];
    const onWarning = warning => warnings.push(warning);
    process.on('warning', onWarning);
    const { signal } = new AbortController();

    await Promise.all(Array.from({ length: 100 }, () => client.with({ signal }).ping()));
    await new Promise(resolve => {
      setImmediate(resolve);
    });

    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
  });

  test('a timeout that is none', async () => {
    await assert.rejects(client.ping({ timeout: 0 }), { name: 'InvalidArgumentError' });
  });
});

describe('connections', () => {
  test('a read whose connection broke is asked once more, a write is not', async () => {
    const asked = [];
    const daemon = await standIn((request, say, { connection, socket }) => {
      asked.push(`${connection} ${request.method}`);
      if (connection === 1 || request.method === 'write') {
        socket.destroy();
      } else {
        say({ id: request.id, success: true, data: { value: '64', type: 8, dimensions: null, statusCode: 0 } });
      }
    });
    const mine = await Client.connect({ ...daemon, connection: 'x' });

    assert.equal((await mine.read('i=1')).value, 64n);
    await assert.rejects(mine.write('i=1', 1), { name: 'ConnectionLostError', outcome: 'unknown' });

    assert.deepEqual(asked, ['1 read', '2 read', '2 write']);
    await mine.close();
    daemon.close();
  });

  test('why the daemon ended a connection is told', async () => {
    const daemon = await standIn((request, say, { socket }) => {
      say({ success: false, error: { type: 'shutting_down', message: 'The daemon is ending' } });
      socket.end();
    });
    const mine = await Client.connect(daemon);

    await assert.rejects(mine.command('write'), { name: 'ShuttingDownError', type: 'shutting_down' });
    await mine.close();
    daemon.close();
  });

  test('frames that arrive byte by byte, in the middle of characters and several at once', async () => {
    const text = 'Förderband 🚰 三 \u{1f469}\u200d\u{1f527}';
    const daemon = await standIn((request, say, { socket }) => {
      const bytes = Buffer.from(`${JSON.stringify({ id: request.id, success: true, data: text })}\r\n`);
      if (request.command === 'whole') {
        socket.write(Buffer.concat([bytes, bytes]));
      } else {
        bytes.forEach(byte => socket.write(Buffer.of(byte)));
      }
    });
    const mine = await Client.connect(daemon);

    assert.equal(await mine.command('bytes'), text);
    assert.equal(await mine.command('whole'), text);
    assert.equal(await mine.command('bytes'), text);
    await mine.close();
    daemon.close();
  });

  test('an answer without an end is given up', async () => {
    const daemon = await standIn((request, say, { socket }) => socket.write('x'.repeat(10_000)));
    const mine = await Client.connect({ ...daemon, maxAnswerBytes: 5000 });

    await assert.rejects(mine.command('flood'), { name: 'ConnectionLostError', message: /more than 5000 bytes|broke/ });
    await mine.close();
    daemon.close();
  });

  test('no more requests are under way than the daemon takes, and those that wait are bounded', async () => {
    let most = 0;
    const open = [];
    const daemon = await standIn((request, say) => {
      open.push(() => say({ id: request.id, success: true, data: null }));
      most = Math.max(most, open.length);
      // Answered in turns of the event loop, so that whatever else would be sent has time to come.
      setImmediate(() => open.shift()());
    }, { maxInflight: 10 });
    const mine = await Client.connect(daemon);

    await Promise.all(Array.from({ length: 100 }, () => mine.ping()));

    assert.ok(most <= 8, `${most} were under way`);
    const flood = Promise.allSettled(Array.from({ length: 10_100 }, () => mine.ping()));
    await new Promise(resolve => {
      setImmediate(resolve);
    });
    await mine.close();
    const refused = (await flood).filter(it => it.reason instanceof api.OverloadedError);
    assert.ok(refused.length > 0 && refused.length < 100, `${refused.length} were refused`);
    daemon.close();
  });

  test('a program that waits for nothing ends, though its client is open', async () => {
    const program = `
      import { Client } from ${JSON.stringify(new URL('./opcua-session-manager.mjs', import.meta.url).href)};
      const client = await Client.connect();
      console.log((await client.ping()).status);`;

    const { error, stdout } = await run(['--input-type=module', '-e', program]);

    assert.equal(error, null);
    assert.equal(stdout, 'ok\n');
  });

  test('CommonJS reaches it by import()', async () => {
    const program = `import(${JSON.stringify(new URL('./opcua-session-manager.mjs', import.meta.url).href)})
      .then(async ({ Client }) => console.log((await (await Client.connect()).ping()).status));`;

    const { error, stdout } = await run(['--input-type=commonjs', '-e', program]);

    assert.equal(error, null);
    assert.equal(stdout, 'ok\n');
  });
});

describe('streams', () => {
  test('bring what changes, until the loop is left', async () => {
    await client.write(scalar('Int64'), 1n, BuiltinType.Int64);
    const stream = await client.subscribe({
      subscription: { publishingInterval: 20 },
      items: [{ nodeId: scalar('Int64'), clientHandle: 3, samplingInterval: 0, queueSize: 10 }, 'ns=2;s=NoSuch'],
    });
    const seen = [];

    for await (const event of stream) {
      if (event.type === 'Notifications') {
        seen.push(...event.notifications.map(it => [it.clientHandle, it.value]));
        if (seen.length === 1) {
          await client.write(scalar('Int64'), 2n ** 62n, BuiltinType.Int64);
        } else {
          break;
        }
      }
    }

    assert.deepEqual(seen, [[3, 1n], [3, 2n ** 62n]]);
    assert.deepEqual(stream.items.map(it => it.statusCode), [0, 0x80340000]);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    const [mine] = (await client.list()).filter(it => it.id === client.sessionId);
    assert.deepEqual(mine.subscriptions, []);
  });

  test('bring events, with the fields that were selected', async () => {
    const stream = await client.subscribe({
      subscription: { publishingInterval: 20 },
      events: [{ nodeId: 'ns=2;s=Events/Notifier', selectFields: ['Message', 'Severity'], clientHandle: 5 }],
    });
    await client.call(METHODS, `${METHODS}/RaiseEvent`, [
      new Variant(BuiltinType.String, 'hot'), new Variant(BuiltinType.UInt16, 700),
    ]);

    const event = await firstOf(stream, it => it.type === 'Notifications');

    assert.equal(event.notifications[0].clientHandle, 5);
    assert.deepEqual(event.notifications[0].eventFields.map(it => it.value.text ?? it.value), ['hot', 700]);
    await stream.close();
  });

  test('close ends a wait; a signal ends one with its reason', async () => {
    const subscription = { publishingInterval: 20 };
    const stream = await client.subscribe({ items: [scalar('String')], subscription });
    await firstOf(stream, it => it.type === 'Notifications');
    const waiting = stream.next();
    await stream.close();
    assert.deepEqual(await waiting, { done: true, value: undefined });

    const abort = new AbortController();
    const aborted = await client.subscribe({ items: [scalar('String')], subscription, signal: abort.signal });
    await firstOf(aborted, it => it.type === 'Notifications');
    const next = aborted.next();
    abort.abort(new Error('enough'));
    await assert.rejects(next, { name: 'AbortError', message: 'The stream was aborted' });
    assert.deepEqual(await aborted.next(), { done: true, value: undefined });
  });

  test('end with the error that the daemon tells', async () => {
    const mine = await Client.connect({ endpoint, forceNew: true });
    const stream = await mine.subscribe({ items: [scalar('String')] });
    await client.command('close', { sessionId: mine.sessionId, force: true });

    await assert.rejects(firstOf(stream, () => false), api.OpcUaError);

    await mine.close();
  });

  test('a request that is wrong fails at once', async () => {
    await assert.rejects(client.subscribe({ items: [] }), { name: 'InvalidArgumentError' });
    await assert.rejects(client.subscribe({ items: ['i=1'], signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  test('a connection that breaks is an error behind what came before', async () => {
    const daemon = await standIn((request, say, { socket }) => {
      say({ id: request.id, success: true, data: { items: [], sessionId: 's' } });
      if (request.command === 'subscribe') {
        say({ id: request.id, event: { type: 'KeepAlive' } });
        socket.end();
      }
    });
    const mine = await Client.connect({ ...daemon, connection: 'x' });
    const stream = await mine.subscribe({ items: ['i=1'] });

    assert.equal((await stream.next()).value.type, 'KeepAlive');
    await assert.rejects(stream.next(), { name: 'ConnectionLostError' });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    await mine.close();
    daemon.close();
  });

  test('a reader that lags leaves the socket alone, and gets all when it reads on', async () => {
    const messages = 200;
    const note = 'x'.repeat(10_000);
    let unwritten = 0;
    const daemon = await standIn((request, say, { socket }) => {
      say({ id: request.id, success: true, data: { items: [], sessionId: 's' } });
      for (let i = 1; request.command === 'subscribe' && i <= messages; i++) {
        say({ id: request.id, event: { type: 'Notifications', sequenceNumber: i, notifications: [], note } });
      }
      unwritten = () => socket.writableLength;
    });
    const mine = await Client.connect({ ...daemon, connection: 'x' });
    const stream = await mine.subscribe({ items: ['i=1'], highWaterMark: 50_000 });

    assert.equal((await stream.next()).value.sequenceNumber, 1);
    await awaitThat(() => unwritten() > 1_000_000, 'the daemon to be left with what is not read');
    const numbers = [];
    while (numbers.length < messages - 1) {
      numbers.push((await stream.next()).value.sequenceNumber);
    }

    assert.deepEqual(numbers, Array.from({ length: messages - 1 }, (_, i) => i + 2));
    await stream.close();
    await mine.close();
    daemon.close();
  });

  test('what the daemon had to drop for a slow reader comes as Overflow', async () => {
    const daemon = await standIn((request, say) => {
      say({ id: request.id, success: true, data: { items: [], sessionId: 's' } });
      if (request.command === 'subscribe') {
        say({ id: request.id, event: { type: 'Overflow', dropped: 17 } });
      }
    });
    const mine = await Client.connect({ ...daemon, connection: 'x' });
    const told = await mine.subscribe({ items: ['i=1'] });

    assert.deepEqual((await told.next()).value, { type: 'Overflow', dropped: 17 });
    await told.close();
    await mine.close();
    daemon.close();
  });
});

describe('the package', () => {
  const typesFile = fileURLToPath(new URL('./opcua-session-manager.d.mts', import.meta.url));
  const types = readFileSync(typesFile, 'utf8');

  test('types every export, and nothing else', () => {
    const declared = [...types.matchAll(/^export declare (?:const|class|function) (\w+)/gm)].map(it => it[1]);

    assert.deepEqual([...new Set(declared)].sort(), Object.keys(api).sort());
  });

  test('types every method of its classes, and nothing else', () => {
    for (const [name, body] of [...types.matchAll(/^export declare class (\w+)[^{]*\{\n(.*?)^\}/gms)].map(it => it.slice(1))) {
      if (api[name].prototype instanceof Error) {
        continue;
      }
      const declared = [...body.matchAll(/^ {2}(?:get )?(\w+)(?:<[^>]*>)?\(/gm)].map(it => it[1]).concat('constructor');
      const there = Object.getOwnPropertyNames(api[name].prototype);
      assert.deepEqual([...new Set(declared)].sort(), there.sort(), name);
      const statics = [...body.matchAll(/^ {2}static (\w+)\(/gm)].map(it => it[1]).filter(it => it !== 'begin');
      const staticsThere = Object.getOwnPropertyNames(api[name])
        .filter(it => typeof api[name][it] === 'function' && it !== 'begin');
      assert.deepEqual([...new Set(statics)].sort(), staticsThere.sort(), name);
    }
  });

  test('types what `await using` calls', () => {
    for (const name of ['Client', 'RemoteFile', 'Subscription']) {
      const [, body] = new RegExp(`^export declare class ${name}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(types);
      assert.match(body, /^ {2}\[Symbol\.asyncDispose\]\(\): Promise<void>;$/m, name);
    }
  });

  test('ships what it names', () => {
    const description = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

    for (const file of [...description.files, description.main, description.types]) {
      assert.ok(readFileSync(new URL(file, import.meta.url), 'utf8').length > 0, file);
    }
    assert.equal(description.dependencies, undefined);
  });

  test('shows an example that runs', async () => {
    const { error, stdout, stderr } = await run([fileURLToPath(new URL('./example.mjs', import.meta.url)), endpoint]);

    assert.equal(error, null, stderr);
    assert.match(stdout, /^Int32 -?\d+, good\n9007199254740993n\n3\.5\nCounter ns=2;s=Dynamic\/Counter\n/);
    assert.match(stdout, /changed: UInt32\n$/);
  });
});

async function firstOf(stream, wanted) {
  for (;;) {
    const { done, value } = await stream.next();
    assert.ok(!done, 'the stream ended');
    if (wanted(value)) {
      return value;
    }
  }
}

async function awaitThat(condition, what) {
  const end = performance.now() + LIMIT;
  while (!condition()) {
    assert.ok(performance.now() < end, `waited in vain for ${what}`);
    await new Promise(resolve => {
      setTimeout(resolve, 10);
    });
  }
}

function run(args) {
  return new Promise(resolve => {
    execFile(process.execPath, args, { timeout: LIMIT }, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
  });
}
