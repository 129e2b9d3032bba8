import { openSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { Poller } from '../../lib/index';
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

  test('lists its descriptors for a wait in the background, and not for each change', async () => {
    const listed = vi.spyOn(PollSelector.prototype, 'descriptors');
    using poller = new Poller({ backend });
    const [reader, writer] = pipe();
    poller.add(reader, READABLE);
    poller.modify(reader, READABLE);
    poller.delete(reader);
    expect(listed).not.toHaveBeenCalled();

    const ready = poller.ready();
    poller.add(reader, READABLE);
    for (let i = 0; i < 10; i++) poller.modify(reader, READABLE);
    writeSync(writer, 'x');
    expect(await ready).toMatchObject([{ source: reader, readable: true }]);
    expect(listed).toHaveBeenCalledTimes(2);
    listed.mockRestore();
  });
});
