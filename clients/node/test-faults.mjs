/** What is left of a request, a session or a stream when something goes wrong, before daemons of a few lines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as api from './opcua-session-manager.mjs';
import { standIn } from './stand-in.mjs';

const { BuiltinType, Client, DataValue, NodeId, Variant, encode } = api;

const GRANTED = {
  items: [], events: [], sessionId: 's', revisedPublishingInterval: 1000, revisedLifetimeCount: 60, revisedMaxKeepAliveCount: 20,
};

/** A client before a stand-in; both end with the test. */
async function before(t, answer, { connection = 'x', ...options } = {}, standInOptions = {}) {
  const daemon = await standIn(answer, standInOptions);
  t.after(() => daemon.close());
  const client = await Client.connect({ socket: daemon.socket, token: '', connection, ...options });
  t.after(() => client.close());
  return client;
}

/**
 * A client before the file of a stand-in, by Part 20: beyond its end is its end, and only opening goes there to append. `asked` has
 * the methods, `failing` those that fail after so many calls, `changed` what they give instead.
 */
async function beforeFile(t, content) {
  const file = { content: Buffer.from(content), position: 0, asked: [], failing: {}, changed: {} };
  const methods = {
    openFile(mode) {
      file.position = (mode & 8) === 0 ? 0 : file.content.length;
      return 7;
    },
    readFile(_, length) {
      const data = file.content.subarray(file.position, file.position + length);
      file.position += data.length;
      return data.toString('base64');
    },
    writeFile(_, base64) {
      const data = Buffer.from(base64, 'base64');
      file.content = Buffer.concat([
        file.content.subarray(0, file.position), data, file.content.subarray(file.position + data.length),
      ]);
      file.position += data.length;
    },
    getFilePosition: () => file.position,
    setFilePosition(_, position) {
      file.position = Math.min(position, file.content.length);
    },
    resolveNodeId: () => ({ ns: 2, id: 'Size', type: 'string' }),
    read: () => ({ type: 9, value: String(file.content.length), statusCode: 0 }),
    closeFile() {},
  };
  const client = await before(t, ({ id, method, params }, say) => {
    file.asked.push(method);
    const data = (method in file.changed ? () => file.changed[method] : methods[method])(...params.slice(1));
    if (file.failing[method]-- === 0) {
      say({ id, success: false, error: { type: 'timeout', message: 'late' } });
    } else {
      say({ id, success: true, data: data ?? null });
    }
  });
  return { file, client };
}

const nested = levels => {
  let value = 1;
  for (let i = 0; i < levels; i++) {
    value = [value];
  }
  return value;
};

const levelsOf = json => {
  let most = 0;
  let now = 0;
  for (const character of json) {
    now += '[{'.includes(character) ? 1 : ']}'.includes(character) ? -1 : 0;
    most = Math.max(most, now);
  }
  return most;
};

describe('what leaves', () => {
  test('a hello by hand keeps the texts of Int64', async t => {
    const styles = [];
    const client = await before(t, (request, say) => {
      styles.push(request.int64);
      say({ id: request.id, success: true, data: { features: ['id', 'int64'] } });
    }, {}, { greets: false });

    await client.command('hello');
    await client.command('hello', { int64: 'number' });

    assert.deepEqual(styles, ['string', 'string', 'string']);
  });

  test('an Int64 that JSON has rounded is an error, and no other number', () => {
    for (const value of [2 ** 53, [1, -(2 ** 60)], 0.5]) {
      assert.throws(() => new DataValue({ type: BuiltinType.Int64, value }).value, {
        name: 'EncodingError', message: /int64/,
      });
    }
    assert.equal(new DataValue({ type: BuiltinType.Int64, value: -5 }).value, -5n);
    assert.equal(new DataValue({ type: BuiltinType.UInt64, value: '18446744073709551615' }).value, 18446744073709551615n);
  });

  test('timeoutMs among the members of a command is its timeout, once', async t => {
    const lines = [];
    const client = await before(t, (request, say, { line }) => {
      lines.push(line);
      say({ id: request.id, success: true, data: null });
    });

    await client.command('query', { method: 'read', timeoutMs: 2500 });

    assert.equal(lines[0].match(/"timeoutMs"/g).length, 1);
    assert.ok(JSON.parse(lines[0]).timeoutMs <= 2500, lines[0]);
    await assert.rejects(client.command('ping', { timeoutMs: 'soon' }), { name: 'InvalidArgumentError' });
    await assert.rejects(client.command('ping', { id: 7 }), { name: 'InvalidArgumentError', outcome: 'not_sent' });
    await assert.rejects(client.command('ping', { command: 'list' }), { name: 'InvalidArgumentError' });
  });

  test('a request is as deep as the daemon takes, or not sent', async t => {
    const lines = [];
    const client = await before(t, (request, say, { line }) => {
      lines.push(line);
      say({ id: request.id, success: true, data: 0 });
    });

    await client.write('i=1', nested(30), BuiltinType.Int32);
    await client.query('write', NodeId.parse('i=1'), nested(30));
    await client.command('query', { params: nested(31) });
    await client.writeMulti([{ nodeId: 'i=1', value: nested(28), type: BuiltinType.Int32 }]);

    assert.deepEqual(lines.map(levelsOf), [32, 32, 32, 32]);
    for (const ask of [
      () => client.write('i=1', nested(31), BuiltinType.Int32),
      () => client.query('write', 'i=1', nested(31)),
      () => client.command('query', { params: nested(32) }),
      () => client.writeMulti([{ nodeId: 'i=1', value: nested(29), type: BuiltinType.Int32 }]),
      () => client.invoke('write', 'i=1', nested(31)),
    ]) {
      await assert.rejects(ask(), { name: 'InvalidArgumentError', outcome: 'not_sent', message: /deeper than 32 levels/ });
    }
    assert.equal(lines.length, 4);
  });

  test('what has a toJSON of its own is no deeper for it, and may give itself', () => {
    class Itself {
      x = 1;

      toJSON() {
        return this;
      }
    }

    assert.equal(encode(new Itself()), '{"x":1}');
    assert.equal(encode(NodeId.parse('i=5'), undefined, 'value', 31), '{"ns":0,"id":5,"type":"numeric"}');
  });

  test('undefined is no value to write', async t => {
    const methods = [];
    const client = await before(t, (request, say) => {
      methods.push(request.method);
      say({ id: request.id, success: true, data: request.method === 'writeMulti' ? [0] : 0 });
    });

    for (const write of [
      () => client.write('i=1', undefined),
      () => client.write('i=1', new Variant(BuiltinType.Int32, undefined)),
      () => client.writeMulti([{ nodeId: 'i=1', value: 1 }, { nodeId: 'i=2' }]),
    ]) {
      await assert.rejects(write(), { name: 'InvalidArgumentError', outcome: 'not_sent', message: /undefined.*null/ });
    }
    assert.deepEqual(methods, []);
    assert.equal(await client.write('i=1', null), 0);
  });

  test('the URI of a namespace may have a semicolon and a percent sign', () => {
    for (const uri of ['urn:a;b', 'http://x/100%', 'urn:%3B;%25', 'urn:%253B']) {
      const node = new NodeId(0, 'Speed', { namespaceUri: uri });
      assert.equal(NodeId.parse(node.toString()).namespaceUri, uri);
    }
    assert.equal(String(new NodeId(0, 'x', { namespaceUri: 'urn:a;b%' })), 'nsu=urn:a%3Bb%25;s=x');
    assert.equal(NodeId.parse('nsu=urn:a%3bb;s=x').namespaceUri, 'urn:a;b');
  });
});

describe('a lost connection', () => {
  test('only what reads is asked again, whatever else a daemon may know', async t => {
    const asked = [];
    const client = await before(t, (request, say, { socket }) => {
      asked.push(request.method);
      socket.destroy();
    });

    for (const method of ['trustCertificate', 'untrustCertificate', 'reconnect', 'flushCache', 'addNodes', 'call', 'publish']) {
      await assert.rejects(client.query(method), { name: 'ConnectionLostError', outcome: 'unknown' }, method);
    }
    assert.equal(asked.length, 7);
    await assert.rejects(client.query('browseAll', 'i=85'), { name: 'ConnectionLostError', outcome: undefined });
    assert.deepEqual(asked.slice(7), ['browseAll', 'browseAll']);
  });
});

describe('a session that must be opened first', () => {
  test('and is refused: the write was not sent', async t => {
    let opens = 0;
    const client = await before(t, (request, say) => {
      if (request.command !== 'open') {
        say({ id: request.id, success: false, error: { type: 'session_not_found', message: 'Session not found' } });
      } else if (++opens === 1) {
        say({ id: request.id, success: true, data: { sessionId: 's', reused: false } });
      } else {
        say({ id: request.id, success: false, error: { type: 'ConnectionException', message: 'No route', code: 0x80050000 } });
      }
    }, {}, { opens: false });

    await assert.rejects(client.write('i=1', 1), {
      name: 'ServerConnectionError', message: 'No route', outcome: 'not_sent', code: 0x80050000,
    });
    await assert.rejects(client.call('i=1', 'i=2'), { name: 'ServerConnectionError', outcome: 'not_sent' });
  });

  test('over a connection that the daemon does not take: the write was not sent', async t => {
    let connections = 0;
    const client = await before(t, (request, say, { connection, socket }) => {
      connections = connection;
      if (request.command === 'ping') {
        socket.destroy();
      } else if (connection === 1) {
        say({
          id: request.id, success: true,
          data: request.command === 'hello' ? { limits: {}, features: ['id', 'int64'] } : { sessionId: 's', reused: false },
        });
      } else {
        say({ id: request.id, success: false, error: { type: 'auth_failed', message: 'Invalid or missing auth token' } });
        socket.end();
      }
    }, {}, { greets: false, opens: false });
    await assert.rejects(client.ping());

    await assert.rejects(client.write('i=1', 1), { name: 'AuthFailedError', outcome: 'not_sent' });
    assert.ok(connections > 1);
  });

  test('and takes as long as its client has: the word of the daemon counts', async t => {
    let opens = 0;
    const client = await before(t, (request, say) => {
      if (request.command !== 'open') {
        say({ id: request.id, success: false, error: { type: 'session_not_found', message: 'Session not found' } });
      } else if (++opens === 1) {
        say({ id: request.id, success: true, data: { sessionId: 's', reused: false } });
      } else {
        const error = { type: 'ConnectionException', message: 'plc1 did not answer in time' };
        setTimeout(() => say({ id: request.id, success: false, error }), request.timeoutMs + 20);
      }
    }, { timeout: 200 }, { opens: false });

    await assert.rejects(client.write('i=1', 1), { name: 'ServerConnectionError', outcome: 'not_sent' });
  });

  test('is waited for by each within its own time, and opened for those with more', async t => {
    let opened;
    let opens = 0;
    const client = await before(t, (request, say) => {
      if (request.command === 'open') {
        opens++;
        const open = () => say({ id: request.id, success: true, data: { sessionId: `s${opens}`, reused: false } });
        opens === 1 ? open() : (opened = open);
        assert.ok(request.timeoutMs > 20_000, `open within ${request.timeoutMs} ms`);
      } else if (request.sessionId === 's1') {
        say({ id: request.id, success: false, error: { type: 'session_not_found', message: 'Session not found' } });
      } else {
        say({ id: request.id, success: true, data: request.sessionId });
      }
    }, {}, { opens: false });
    const abort = new AbortController();

    const hurried = client.with({ timeout: 40 }).query('isConnected');
    const aborted = client.with({ signal: abort.signal }).write('i=1', 1);
    const patient = client.query('isConnected');
    await assert.rejects(hurried, { name: 'TimeoutError', type: 'answer_timeout', outcome: 'not_sent' });
    abort.abort();
    await assert.rejects(aborted, { name: 'AbortError', outcome: 'not_sent' });
    opened();

    assert.equal(await patient, 's2');
    assert.equal(opens, 2);
  });
});

describe('a stream', () => {
  const streamOf = async (t, answer, options = {}) => {
    const client = await before(t, (request, say, more) => {
      if (request.command === 'subscribe') {
        say({ id: request.id, success: true, data: GRANTED });
      }
      answer(request, say, more);
    }, { connectTimeout: 500 });
    return client.subscribe({ items: ['i=1'], ...options });
  };

  /** Three keep-alives of GRANTED are a minute; here they are 50 ms. */
  const hasten = t => {
    const real = globalThis.setTimeout;
    t.mock.method(globalThis, 'setTimeout', (run, millis, ...rest) => real(run, millis === 60_000 ? 50 : millis, ...rest));
  };

  test('of a daemon that says nothing any more is lost', async t => {
    hasten(t);
    const stream = await streamOf(t, () => {});

    await assert.rejects(stream.next(), { name: 'ConnectionLostError', type: 'connection_lost', message: /silent/ });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  test('of a daemon that has nothing to tell, and says so when it is asked, goes on', async t => {
    hasten(t);
    let pings = 0;
    const stream = await streamOf(t, (request, say) => {
      if (request.command === 'ping') {
        say({ id: request.id, success: true, data: { status: 'ok' } });
        if (++pings === 3) {
          say({ id: 2, event: { type: 'KeepAlive' } });
        }
      }
    });

    assert.equal((await stream.next()).value.type, 'KeepAlive');
    assert.equal(pings, 3);
    stream.return();
  });

  test('that nobody read when its connection was lost is closed at once', async t => {
    const sent = [];
    let socketOfStream;
    const stream = await streamOf(t, (request, say, { socket }) => {
      sent.push(request.command);
      if (request.command === 'subscribe') {
        socketOfStream = socket;
        for (let i = 0; i < 20; i++) {
          say({ id: request.id, event: { type: 'Notifications', sequenceNumber: i, notifications: [], note: 'x'.repeat(1000) } });
        }
      }
    }, { highWaterMark: 1e6 });
    assert.equal((await stream.next()).value.sequenceNumber, 0);
    await new Promise(resolve => {
      socketOfStream.on('close', resolve);
      socketOfStream.end();
    });
    const began = performance.now();

    await stream.close();

    assert.ok(performance.now() - began < 4000, 'it waited for a daemon that had gone');
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.ok(!sent.includes('unsubscribe'));
  });
});

describe('files of a daemon that goes away', () => {
  /** A daemon that hangs up at each request that `fails` names, once. */
  async function failing(t) {
    const seen = [];
    const fails = new Set();
    const client = await before(t, (request, say, { socket }) => {
      seen.push(request);
      if (fails.delete(request.method)) {
        socket.destroy();
        return;
      }
      const data = { openFile: 7, readFile: 'c29tZSBieXRlcw==', getFilePosition: '100' }[request.method] ?? null;
      say({ id: request.id, success: true, data });
    });
    return { client, fails, seen, methods: () => seen.map(it => it.method) };
  }

  test('a read is not repeated, and the next one says where', async t => {
    const { client, fails, seen, methods } = await failing(t);
    const file = await client.openRemote('i=1');
    await file.read(10);
    fails.add('readFile');
    await assert.rejects(file.read(10), { name: 'ConnectionLostError' });
    assert.deepEqual(methods(), ['openFile', 'readFile', 'readFile']);

    assert.equal(String(await file.read(10)), 'some bytes');

    assert.deepEqual(methods().slice(3), ['setFilePosition', 'readFile']);
    assert.deepEqual(seen[3].params, ['i=1', 7, 10]);
    await file.close();
  });

  test('a write that may have arrived is the last one', async t => {
    const { client, fails, methods } = await failing(t);
    const file = await client.openRemote('i=1', 'a');
    fails.add('writeFile');
    await assert.rejects(file.write('x'), { name: 'ConnectionLostError', outcome: 'unknown' });

    await assert.rejects(file.write('x'), { name: 'ConnectionLostError', outcome: 'unknown' });
    await file.close();

    assert.deepEqual(methods(), ['openFile', 'getFilePosition', 'writeFile', 'closeFile']);
  });
});

describe('files', () => {
  test('all of a file that fails half-way is read again from its beginning', async t => {
    const long = Buffer.alloc(600 * 1024, Uint8Array.from({ length: 251 }, (_, i) => i));
    const { file, client } = await beforeFile(t, long);
    const remote = await client.openRemote('i=1');
    assert.deepEqual(await remote.read(1), long.subarray(0, 1));

    file.failing.readFile = 1;
    await assert.rejects(remote.readAll(), { type: 'timeout' });

    assert.equal(await remote.tell(), 1);
    assert.ok((await remote.readAll()).equals(long.subarray(1)));
  });

  test('what is appended is at the end, wherever was read', async t => {
    const { file, client } = await beforeFile(t, '0123456789');
    const both = await client.openRemote('i=1', 'a+');
    await both.seek(0);
    assert.equal(String(await both.read(4)), '0123');
    await both.write('x');
    assert.equal(await both.tell(), 11);
    await both.seek(2);
    await both.write('y');
    await both.close();
    file.asked.length = 0;

    const log = await client.openRemote('i=1', 'a');
    await log.write('z');
    await log.write('!');

    assert.deepEqual(file.asked, ['openFile', 'getFilePosition', 'writeFile', 'writeFile']);
    assert.equal(String(file.content), '0123456789xyz!');
  });

  test('beyond the end is the end', async t => {
    const { file, client } = await beforeFile(t, '0123456789');
    const remote = await client.openRemote('i=1', 'r+');
    await remote.seek(1000);
    assert.equal((await remote.read(1)).length, 0);
    assert.equal(await remote.tell(), 10);
    await remote.seek(1000);
    await remote.write('x');
    assert.equal(await remote.tell(), 11);
    file.asked.length = 0;

    await remote.seek(3);
    assert.equal(String(await remote.read(1)), '3');

    assert.deepEqual(file.asked, ['setFilePosition', 'readFile']);
    assert.equal(String(file.content), '0123456789x');
  });

  test('a size that cannot be read is not 0', async t => {
    const { file, client } = await beforeFile(t, 'abc');
    const remote = await client.openRemote('i=1');
    assert.equal(await remote.size(), 3);

    file.changed.read = { type: null, value: null, statusCode: 0x801f_0000 };
    await assert.rejects(remote.size(), { name: 'ServiceError', code: 0x801f_0000, message: /0x801F0000/ });
    file.changed.read = { type: null, value: null, statusCode: 0 };
    await assert.rejects(remote.size(), { name: 'ServiceError', message: /no value/ });
  });

  test('a position that would be rounded is an error', async t => {
    const { file, client } = await beforeFile(t, 'abc');
    const remote = await client.openRemote('i=1', 'a');
    file.changed.getFilePosition = '9007199254740993';

    await assert.rejects(client.getFilePosition('i=1', 7), { name: 'EncodingError', message: /9007199254740993/ });
    await assert.rejects(remote.tell(), { name: 'EncodingError' });
    await assert.rejects(remote.write('x'), { name: 'EncodingError' });

    file.changed.getFilePosition = '9007199254740991';
    assert.equal(await client.getFilePosition('i=1', 7), 9_007_199_254_740_991);
    assert.equal(String(file.content), 'abc');
  });

  test('no bytes are read without asking, and what is written is what was given', async t => {
    const { file, client } = await beforeFile(t, '');
    const remote = await client.openRemote('i=1', 'w+');
    assert.equal((await remote.read(0)).length, 0);
    assert.deepEqual(file.asked, ['openFile']);

    const again = Buffer.from('second');
    const writes = [remote.write('first '), remote.write(again)];
    again.fill('!');
    await Promise.all(writes);

    assert.equal(String(file.content), 'first second');
  });

  test('a file that was opened for nobody any more is closed', async t => {
    const created = { fileNodeId: { ns: 2, id: 'x', type: 'string' }, fileHandle: 7 };
    const late = [];
    const closed = [];
    const client = await before(t, ({ id, command, method, sessionId, params }, say) => {
      if (method === 'closeFile') {
        closed.push([sessionId, params]);
        say({ id, success: true, data: null });
      } else if (command === 'query') {
        late.push(() => say({ id, success: true, data: method === 'openFile' ? 7 : created }));
      } else if (command === 'ping') {
        say({ id, success: true, data: null });
      }
    });

    const outcomes = await Promise.allSettled([
      client.openRemote('i=1', 'r', { timeout: 1 }),
      client.openFile('i=1', 1, { timeout: 1 }),
      client.createFileInDirectory('i=2', 'x', { open: true, timeout: 1 }),
      client.createFileInDirectory('i=2', 'y', { timeout: 1 }),
    ]);
    assert.deepEqual(outcomes.map(it => it.reason?.name), Array(4).fill('TimeoutError'));
    late.forEach(answer => answer());
    await client.ping(); // answered behind them
    await client.ping(); // behind what they made the client send

    assert.deepEqual(closed, [['s', ['i=1', 7]], ['s', ['i=1', 7]], ['s', [created.fileNodeId, 7]]]);
  });
});
