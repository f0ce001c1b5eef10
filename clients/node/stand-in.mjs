// A daemon of a few lines, for the tests: one that cuts, stalls, lies or is old.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'stand-in-'));
process.on('exit', () => rmSync(directory, { recursive: true }));

let standIns = 0;

/**
 * Listens on a socket of its own, and calls `answer(request, say, {connection, socket, line})` for every request that it does
 * not answer itself: `hello` unless `greets` is false, `open` and `close` unless `opens` is false.
 */
export async function standIn(answer, { greets = true, opens = true, maxInflight = 256 } = {}) {
  const path = join(directory, `${standIns++}.sock`);
  const sockets = new Set();
  let connections = 0;
  const server = createServer(socket => {
    const connection = ++connections;
    const say = message => socket.write(`${JSON.stringify(message)}\n`);
    let rest = '';
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', chunk => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const request = JSON.parse(line);
        if (greets && request.command === 'hello') {
          say({ id: request.id, success: true, data: { protocol: 2, limits: { maxInflight }, features: ['id', 'int64', 'cancel'] } });
        } else if (opens && (request.command === 'open' || request.command === 'close')) {
          say({ id: request.id, success: true, data: { sessionId: 's', reused: false } });
        } else {
          answer(request, say, { connection, socket, line });
        }
      }
    });
  });
  await new Promise(resolve => {
    server.listen(path, resolve);
  });
  return {
    socket: path,
    close() {
      server.close();
      sockets.forEach(socket => socket.destroy());
    },
  };
}
