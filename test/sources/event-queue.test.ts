import { expect, test } from 'vitest';
import { EventQueue } from '../../lib/sources/event-queue';

test('answers in the order in which they came, however many are left each time', () => {
  const queue = new EventQueue<number>();
  let [pushed, shifted] = [0, 0];
  for (const left of [1, 2, 100, 3, 1000, 50, 7, 0, 5, 0]) {
    for (let i = 0; i < 500; i++) queue.push(pushed++);
    while (queue.length > left) expect(queue.shift()).toBe(shifted++);
  }
  expect(shifted).toBe(pushed);
});
