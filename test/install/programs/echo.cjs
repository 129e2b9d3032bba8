const assert = require('node:assert');
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** Sends something to and fro with the package as it was loaded, out of a binary that came with it. */
exports.echo = async ({ connect, listen }) => {
  const folder = dirname(require.resolve('iomux/package.json'));
  assert(!existsSync(join(folder, 'build')));
  const loaded = process.report.getReport().sharedObjects.filter((path) => /iomux/.test(path));
  assert(loaded.length === 1 && loaded[0].startsWith(join(folder, 'prebuilds')), `${loaded}`);
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  const [client, server] = await Promise.all([
    connect({ host: '127.0.0.1', port }),
    listener.accept(),
  ]);
  await client.write('hello\n');
  assert.strictEqual(await server.readLine(), 'hello');
  await Promise.all([client.close(), server.close(), listener.close()]);
};
