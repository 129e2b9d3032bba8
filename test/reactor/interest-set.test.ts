import { expect, test } from 'vitest';
import { HEADER_LENGTH } from '../../lib/native';
import { newSelector } from '../../lib/poll/backend';
import { WRITABLE } from '../../lib/poll/interest';
import { InterestSet } from '../../lib/reactor/interest-set';
import { pipe } from '../support/descriptors';

test('a number that has been waited for 2^31 times is known by what the kernel says of it', () => {
  const [, writer] = pipe();
  const selector = newSelector();
  const set = new InterestSet(selector, () => undefined);
  const slot = set.slotOf(writer);
  slot.generation = 2 ** 31 - 2;
  for (let i = 0; i < 3; i++) {
    expect(set.arm(slot, WRITABLE, false, false)).toBe(0);
    expect(selector.wait(0, 1)).toBe(1);
    expect(selector.batch[HEADER_LENGTH + 1]).toBe(slot.generation);
    set.disarm(slot);
  }
  selector.close();
});
