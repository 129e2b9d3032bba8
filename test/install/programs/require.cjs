const assert = require('node:assert');
const { echo } = require('./echo.cjs');

const entries = Object.keys(require('iomux/package.json').exports);
for (const entry of entries) {
  assert.notStrictEqual(Object.keys(require(`iomux${entry.slice(1)}`)).length, 0, entry);
}
echo(require('iomux/net'));
