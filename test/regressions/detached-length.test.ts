import { expect, test } from 'vitest';
import { lengthOf } from '../../lib/validate';
import { Resizable } from '../io/pressure';

/** V8 optimizes it after some hundred calls. */
const ROUNDS = 3000;

test('memory that was given away has no bytes, also for code that has seen resizable memory', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const views = [
      new Uint8Array(100),
      Buffer.alloc(100),
      new Uint8Array(new Resizable(100, { maxByteLength: 200 })),
    ];
    expect(views.map(lengthOf)).toEqual([100, 100, 100]);
    for (const { buffer } of views) structuredClone(buffer, { transfer: [buffer] });
    expect(views.map(lengthOf)).toEqual([0, 0, 0]);
  }
});
