import { openSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { BATCH_CAPACITY } from '../../lib/native';
import { READABLE } from '../../lib/poll/interest';
import { PollSelector } from '../../lib/poll/poll-selector';
import { descriptors, owned, pipe } from '../support/descriptors';

describe.each(['poll', 'select'] as const)('the selector over %s', (backend) => {
  test('no longer waits for a number that `modify` has found to be a regular file’s', () => {
    const selector = new PollSelector(backend);
    const [reader] = pipe();
    const [file] = owned([openSync(__filename, 'r')]);
    selector.add(reader, 1, READABLE, 'level');
    descriptors.dup2(file, reader);
    expect(selector.modify(reader, 2, READABLE, 'level')).toBe(-constants.errno.EPERM);
    expect(selector.wait(0, BATCH_CAPACITY)).toBe(0);
    expect(selector.descriptors()).toHaveLength(0);
  });
});
