/** Nodes, history, aggregates and files, before the daemon and the simulator as test-client.mjs has them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import * as api from './opcua-session-manager.mjs';

const { AggregateFunction, BuiltinType, Client, DateTime, NodeId, OpenFileMode, Variant } = api;
const endpoint = process.env.TEST_ENDPOINT_URL;
const MANAGED = 'ns=2;s=Managed';
const EDITABLE = 'ns=2;s=History/Editable';
const EVENTS = 'ns=2;s=Events/History';
const FILES = 'ns=2;s=Files';
const CONTENT = Buffer.alloc(256 * 1024 + 7, Uint8Array.from({ length: 256 }, (_, i) => i));
const at = second => new Date(Date.UTC(2026, 3, 1, 12, 0, second));
const isBad = code => code >= 0x8000_0000;

let client;
before(async () => {
  client = await Client.connect({ endpoint });
});
after(async () => {
  await client.disconnect();
  await client.close();
});

describe('nodes', () => {
  test('a variable is added, referenced and deleted', async () => {
    const node = `${MANAGED}/Node`;
    const reference = { sourceNodeId: MANAGED, referenceTypeId: 'i=47', targetNodeId: node };

    const [added, lost] = await client.addNodes([
      {
        parentNodeId: NodeId.parse(MANAGED), referenceTypeId: 'i=35', requestedNewNodeId: node, browseName: '2:Node',
        nodeClass: 2, typeDefinition: 'i=63', dataType: 'i=8', value: new Variant(BuiltinType.Int64, 2n ** 60n),
      },
      { parentNodeId: 'ns=2;s=NoSuchNode', referenceTypeId: 'i=35', browseName: '2:Lost', nodeClass: 1, typeDefinition: 'i=61' },
    ]);

    assert.deepEqual([added.statusCode, String(added.addedNodeId)], [0, node]);
    assert.ok(isBad(lost.statusCode) && lost.addedNodeId.isNull);
    assert.equal((await client.read(node)).value, 2n ** 60n);
    assert.deepEqual(await client.addReferences([{ ...reference, targetNodeClass: 2 }]), [0]);
    assert.deepEqual(await client.deleteReferences([reference]), [0]);
    assert.deepEqual(await client.deleteNodes([node, 'ns=2;s=NoSuchNode']), [0, 0x8034_0000]);
  });

  test('what the server says of itself', async () => {
    const info = await client.getServerBuildInfo();

    assert.ok(info.productName && info.manufacturerName);
    assert.ok(info.buildDate === null || info.buildDate instanceof DateTime);
  });
});

describe('history', () => {
  test('values are inserted, replaced, read and deleted', async () => {
    const range = { start: at(0), end: at(10) };
    const values = [
      { value: 1.5, type: BuiltinType.Double, sourceTimestamp: at(0) }, { value: 2, type: BuiltinType.Double, sourceTimestamp: at(1) },
    ];

    assert.deepEqual(await client.historyInsertData(EDITABLE, values), [0, 0]);
    assert.ok((await client.historyInsertData(EDITABLE, values)).every(isBad));
    assert.ok(!isBad((await client.historyReplaceData(EDITABLE, [{ ...values[1], value: 2.5 }]))[0]));
    const read = await client.historyReadRaw(EDITABLE, range);
    assert.deepEqual(read.map(it => it.value), [1.5, 2.5]);
    assert.ok(!(await client.historyUpdateData(EDITABLE, read)).some(isBad));
    const changed = await client.historyReadModified(EDITABLE, range);
    assert.ok(changed.some(it => it.value.value === 2 && it.updateType === 2 && it.modificationTime instanceof DateTime));
    assert.deepEqual(await client.historyDeleteAtTime(EDITABLE, [at(0)]), [0]);
    assert.ok(!isBad(await client.historyDeleteRawModified(EDITABLE, range)));
    assert.deepEqual(await client.historyReadRaw(EDITABLE, range), []);
  });

  test('events are inserted, read and deleted', async () => {
    const fields = ['EventId', 'EventType', 'SourceName', 'Time', 'Message', 'Severity'];
    const id = Buffer.from('node');
    const event = [
      new Variant(BuiltinType.ByteString, id), new Variant(BuiltinType.NodeId, 'i=2041'), new Variant(BuiltinType.String, 'press'),
      new Variant(BuiltinType.DateTime, at(0)), new Variant(BuiltinType.LocalizedText, { locale: 'en', text: 'too hot' }),
      new Variant(BuiltinType.UInt16, 700),
    ];

    assert.ok(!isBad((await client.historyInsertEvent(EVENTS, fields, [event]))[0]));

    const range = { start: at(0), end: at(10) };
    const found = await client.historyReadEvents(EVENTS, { ...range, selectFields: ['EventId', 'Severity'], where: 'Severity > 600' });
    assert.deepEqual(found.map(row => row.map(it => it.value)), [[id, 700]]);
    assert.ok(!isBad((await client.historyDeleteEvent(EVENTS, [id]))[0]));
    assert.deepEqual(await client.historyReadEvents(EVENTS, range), []);
  });

  test('aggregates of history and of values agree', async () => {
    const span = { start: '2026-01-01T12:00:10Z', end: '2026-01-01T12:00:40Z' };
    const raw = await client.historyReadRaw('ns=2;s=History/Historian1', { ...span, bounds: true });
    const asked = { ...span, interval: 10_000, function: AggregateFunction.Average };

    const here = await client.aggregate(raw, { ...asked, configuration: { treatUncertainAsBad: false } });
    const there = await client.historyAggregate('ns=2;s=History/Historian1', asked);

    assert.deepEqual(here.map(it => it.value), [10, 20, 30]);
    assert.deepEqual(there.map(it => it.value), [10, 20, 30]);
    await assert.rejects(client.aggregate(raw, { ...asked, function: 'averge' }), { name: 'InvalidArgumentError', message: /average/ });
  });
});

describe('files', () => {
  let directory;
  let file;
  before(async () => {
    directory = await client.createDirectory(FILES, 'node');
    ({ fileNodeId: file } = await client.createFileInDirectory(directory, 'data'));
  });
  after(() => client.deleteFileSystemObject(FILES, directory));

  test('bytes go there and come back', async () => {
    const out = await client.openRemote(file, 'w');
    await out.write(CONTENT);
    await out.close();
    await out.close();

    const back = await client.openRemote(file);
    const parts = [];
    for await (const part of back) {
      parts.push(part);
    }
    assert.deepEqual(Buffer.concat(parts), CONTENT);
    assert.ok(parts.length > 1);
    assert.equal(await back.size(), CONTENT.length);
    await back.seek(255);
    assert.deepEqual(await back.read(2), Buffer.from([255, 0]));
    assert.equal(await back.tell(), 257);
    assert.equal((await back.readAll()).length, CONTENT.length - 257);
    await back.close();
    await assert.rejects(back.read(), { name: 'ClosedError' });
  });

  test('streams close what they end', async () => {
    const copy = (await client.createFileInDirectory(directory, 'copy')).fileNodeId;

    const target = await client.openRemote(copy, 'w');
    await pipeline((await client.openRemote(file)).readable(), target.writable());

    assert.ok(target.closed);
    const stream = (await client.openRemote(copy)).readable();
    const received = [];
    stream.on('data', data => received.push(data));
    await once(stream, 'close');
    assert.deepEqual(Buffer.concat(received), CONTENT);
  });

  test('appending, text, and what is not possible', async () => {
    const log = (await client.createFileInDirectory(directory, 'log')).fileNodeId;
    for (const line of ['grün\n', 'blau\n']) {
      const out = await client.openRemote(log, 'a');
      await out.write(line);
      await out.close();
    }

    const back = await client.openRemote(log, 'r');
    assert.equal((await back.readAll()).toString(), 'grün\nblau\n');
    await assert.rejects(back.write('x'), { name: 'InvalidArgumentError', message: /writing/ });
    await back.close();
    await assert.rejects(client.openRemote(`${FILES}/locked.txt`, 'w'), { name: 'ServiceError', message: /locked\.txt/ });
    await assert.rejects(client.openRemote(log, 'x'), { message: /r\+/ });
  });

  test('handles by hand', async () => {
    const handle = await client.openFile(file, OpenFileMode.Read);
    await client.setFilePosition(file, handle, 254);

    assert.deepEqual(await client.readFile(file, handle, 3), Buffer.from([254, 255, 0]));
    assert.equal(await client.getFilePosition(file, handle), 257);
    await client.closeFile(file, handle);
    await assert.rejects(client.readFile(file, handle, 1), { name: 'ServiceError' });
  });

  test('a file is moved and copied', async () => {
    const made = (await client.createFileInDirectory(directory, 'here')).fileNodeId;
    const inner = await client.createDirectory(directory, 'inner');

    const copied = await client.moveOrCopyFileSystemObject(directory, made, inner, { copy: true, newName: 'other' });
    await client.moveOrCopyFileSystemObject(directory, made, inner);

    const names = (await client.browse(inner, { useCache: false })).map(it => it.browseName.name);
    assert.ok(names.includes('here') && names.includes('other'), names.join());
    await client.deleteFileSystemObject(inner, copied);
  });
});
