import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { processExit, reactor } from '../../lib/index';
import { holdChild } from '../support/held-child';
import { systemTellsOfReaped } from '../support/reaped';
import { afterTurns, PENDING } from '../support/turns';
import { startWorker } from '../support/worker';

/** The outcome according to the child's own event. */
async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code, signal] = (await once(child, 'exit')) as unknown[];
  return { code, signal };
}

const UNTOLD = { code: null, signal: null };

/** The possible outcomes for a child that Node may have reaped first. */
function unlessReapedFirst(exact: unknown): unknown[] {
  return systemTellsOfReaped ? [exact] : [exact, UNTOLD];
}

/** The same for an only child: on this thread, the driver `uv` asks before Node reaps it. */
function unlessThreadWasLate(exact: unknown): unknown[] {
  return reactor.statistics().driver === 'uv' ? [exact] : unlessReapedFirst(exact);
}

describe('processExit', () => {
  test.each(['exit 0', 'exit 7', 'exit 255', 'kill -KILL $$', 'kill -ABRT $$', 'kill -HUP $$'])(
    'of a child that ends with `%s` agrees with child_process',
    async (command) => {
      const child = holdChild(command);
      const expected = exitOf(child);
      const told = processExit(child.pid);
      expect(await afterTurns(told)).toBe(PENDING);
      child.letGo();
      const outcome = await told;
      expect(unlessThreadWasLate(await expected)).toContainEqual(outcome);
    },
  );

  test('tells everybody who waits for a process', async () => {
    const child = holdChild('exit 5');
    const exit = exitOf(child);
    const all = [processExit(child.pid), processExit(child.pid)];
    child.letGo();
    for (const told of await Promise.all(all)) {
      expect(unlessThreadWasLate({ code: 5, signal: null })).toContainEqual(told);
    }
    await exit;
  });

  test.runIf(process.platform === 'linux')(
    'is told at once of a child that has exited and was not reaped',
    async () => {
      const child = holdChild('exit 4');
      const expected = exitOf(child);
      child.letGo();
      // Spins until the child has exited, so that Node does not reap it meanwhile.
      while (!readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') Z '));
      expect(await processExit(child.pid)).toEqual({ code: 4, signal: null });
      await expected;
    },
  );

  test('of a process that is no child resolves when it has exited', async () => {
    // A grandchild, which waits for a line.
    const parent = spawn('sh', ['-c', 'exec 3<&0; (read line <&3; exit 6) & echo $!; wait'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const exit = once(parent, 'exit');
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const told = processExit(Number(chunk.toString()));
    expect(await afterTurns(told)).toBe(PENDING);
    parent.stdin.write('\n');
    // Whether the kernel reports the outcome depends on its version, and on who was first.
    expect([{ code: 6, signal: null }, UNTOLD]).toContainEqual(await told);
    await exit;
  });

  test('of a process that is not there, or was reaped, is ESRCH', async () => {
    const child = holdChild('exit 0');
    child.letGo();
    await once(child, 'exit');
    await expect(processExit(child.pid)).rejects.toMatchObject({
      code: 'ESRCH',
      message: expect.stringMatching(/^ESRCH: no such process, /) as string,
    });
  });

  test.each([
    [0, 'ERR_OUT_OF_RANGE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [NaN, 'ERR_OUT_OF_RANGE'],
    [2 ** 31, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [1n, 'ERR_INVALID_ARG_TYPE'],
  ])('of %s rejects', async (pid, code) => {
    await expect(processExit(pid as number)).rejects.toMatchObject({ code });
  });

  test('takes no signal that is none', async () => {
    for (const wrong of [null, 1, { signal: 1 }]) {
      await expect(processExit(process.pid, wrong as never)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
  });

  test('that is aborted rejects with the reason, and leaves the process and the others alone', async () => {
    const before = reactor.statistics();
    const child = holdChild('exit 1');
    const expected = exitOf(child);
    const reason = new Error('enough');
    await expect(processExit(child.pid, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    const aborted = processExit(child.pid, controller);
    const other = processExit(child.pid);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(await afterTurns(other)).toBe(PENDING);
    child.letGo();
    expect(unlessThreadWasLate({ code: 1, signal: null })).toContainEqual(await other);
    await expected;
    controller.abort();
    expect(reactor.statistics()).toEqual(before);
  });

  test('tells of forty children at once, and of each the right thing', async () => {
    const children = Array.from({ length: 40 }, (_, i) => holdChild(`exit ${i}`));
    const expected = children.map(exitOf);
    const told = children.map((child) => processExit(child.pid));
    for (const child of children) child.letGo();
    const outcomes = await Promise.all(told);
    for (const [i, exact] of (await Promise.all(expected)).entries()) {
      expect(unlessReapedFirst(exact)).toContainEqual(outcomes[i]);
    }
  });

  test('works in Workers, whose children they are not', async () => {
    const child = holdChild('exit 9');
    const exit = once(child, 'exit');
    const worker = startWorker(async ({ iomux, threads }, pid: number) => {
      const told = iomux.processExit(pid);
      threads.parentPort?.postMessage('waiting');
      return await told;
    }, child.pid);
    const gone = once(worker, 'exit');
    await once(worker, 'message');
    const answer = once(worker, 'message');
    child.letGo();
    const [told] = (await answer) as unknown[];
    await Promise.all([exit, gone]);
    expect(unlessReapedFirst({ code: 9, signal: null })).toContainEqual(told);
  });

  test('in a Worker that is terminated meanwhile leaves nothing behind', async () => {
    const child = holdChild('exit 0');
    const exit = once(child, 'exit');
    const worker = startWorker(async ({ iomux, threads }, pid: number) => {
      const told = iomux.processExit(pid);
      threads.parentPort?.postMessage('waiting');
      return await told;
    }, child.pid);
    await once(worker, 'message');
    await worker.terminate();
    child.letGo();
    await exit;
  });
});
