import assert from 'node:assert';
import { createRequire } from 'node:module';
import { reactor } from 'iomux';
import * as net from 'iomux/net';
import { echo } from './echo.cjs';

const require = createRequire(import.meta.url);
assert.strictEqual(reactor, require('iomux').reactor);
const entries = Object.keys(require('iomux/package.json').exports);
for (const entry of entries.filter((name) => !name.endsWith('.json'))) {
  assert.notStrictEqual(Object.keys(await import(`iomux${entry.slice(1)}`)).length, 0, entry);
}
await echo(net);
