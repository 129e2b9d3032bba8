import { pinned } from './cores';
import { medianOf } from './harness';
import { run } from './processes';
import { script } from './programs';
import type { Comparison, Context, Question, Sample, Target } from './question';
import { medianColumn, ratioColumn, spreadColumn } from './table';

const NOTHING = 'nothing';
const NET = 'node:net';
const HTTPS = 'node:https';
const IOMUX = 'iomux';
const ON_NODE = 'iomux/node';

/** The modules that are loaded, by the names of the peers. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  [NOTHING]: [],
  [NET]: ['node:net'],
  [HTTPS]: ['node:https'],
  [IOMUX]: ['iomux'],
  'iomux/net': ['iomux/net'],
  [ON_NODE]: ['iomux/node'],
};

/** A quick run leaves them out. */
const SLOW = new Set([HTTPS, ON_NODE]);

/** Loads the module, if any, in a new process. */
async function measure(module: readonly string[], context: Context): Promise<Sample> {
  const command = [context.node, script('peers/startup'), ...module];
  return JSON.parse(await run(pinned(context.cores.server, command), context.signal)) as Sample;
}

function comparisons(context: Context): Comparison[] {
  return [
    {
      title: 'require, in a fresh process',
      parameters: {},
      peers: Object.entries(MODULES)
        .filter(([name]) => context.extent !== 'quick' || !SLOW.has(name))
        .map(([name, module]) => ({
          name,
          measure: () => measure(module, context),
        })),
    },
  ];
}

/**
 * The module of Node that a module is compared with: `iomux/node` is for HTTP and TLS, and loads what Node
 * has for them; `iomux` has no counterpart in Node.
 */
function baseOf(peer: string): string {
  return peer === ON_NODE || peer === HTTPS ? HTTPS : NET;
}

function targets(): Target[] {
  return [
    { at: {}, metric: 'milliseconds', peer: IOMUX, atMost: 5 },
    { at: {}, metric: 'memory', peer: IOMUX, atMost: 2048 },
  ];
}

export const startup: Question = {
  name: 'startup',
  asks: 'How long does it take to load the package, and how much memory?',
  columns: [
    medianColumn('ms', 'milliseconds', 2),
    spreadColumn('milliseconds'),
    ratioColumn('x of Node', 'milliseconds', baseOf),
    medianColumn('cpu ms', 'cpuMilliseconds', 2),
    medianColumn('memory KiB', 'memory'),
    ratioColumn('memory x of Node', 'memory', baseOf),
    medianColumn('heap KiB', 'heap'),
  ],
  marks: [
    {
      sign: '‡',
      meaning: 'other programs took their part of the core: only the processor time counts',
      applies: (peer) => medianOf(peer, 'cpuMilliseconds') < 0.8 * medianOf(peer, 'milliseconds'),
    },
  ],
  plots: [
    { metric: 'milliseconds', label: 'ms' },
    { metric: 'memory', label: 'memory, KiB' },
  ],
  notes: () => [
    'x of Node: iomux/node beside node:https, which it loads, the others beside node:net',
    'ms: from before require until it returns; memory: what became resident, of files too; heap: of V8',
  ],
  comparisons,
  targets,
};
