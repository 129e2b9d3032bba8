import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readable, reactor } from '../../lib/index';
import { pipe } from '../support/descriptors';

test('readable resolves when data arrives', async () => {
  const [reader, writer] = pipe();
  const waiting = readable(reader);
  expect(reactor.statistics()).toMatchObject({ waiting: 1, armed: 1 });
  writeSync(writer, 'x');
  await waiting;
  expect(reactor.statistics().waiting).toBe(0);
});
