import type { Report } from '../report';
import { roleOf } from '../role';
import { formatNumber } from '../table';
import type { Verdict } from '../verdict';
import type { Answered } from './elements';
import type { Plotter } from './plotter';
import { picture } from './picture';
import { drawRatios, type RatioRow } from './ratios';

/** As wide as a column of text. */
const WIDTH = 480;

/** Whether a verdict is about what Node's users have instead, and not about the limit. */
function isAdvantage({ target: { base, peer } }: Verdict): boolean {
  return base !== undefined && base !== peer && roleOf(base) === 'other';
}

function rowOf({ question }: Answered, { comparison, target, ratios, ratio }: Verdict): RatioRow {
  // Of what should be small, how many times smaller it is.
  const timesOf = (value: number): number => (target.atMost === undefined ? value : 1 / value);
  return {
    title: `${question.name}: ${comparison}`,
    detail: `${target.peer} against ${target.base ?? ''}`,
    outcome: `${formatNumber(timesOf(ratio), 1)} x`,
    color: 'var(--ours)',
    ratios: ratios.map(timesOf),
  };
}

/** One plot for all questions, as a picture of its own: how many times better than what Node has. */
export function headline(
  plotter: Plotter,
  { machine }: Report,
  answered: readonly Answered[],
): string | undefined {
  const rows = answered.flatMap((one) => {
    const verdict = one.verdicts.find(isAdvantage);
    return verdict ? rowOf(one, verdict) : [];
  });
  if (rows.length === 0) return undefined;
  const label = `times as fast, or as cheap, on Node ${machine.versions.node}`;
  return picture([drawRatios(plotter, rows, label, WIDTH)]);
}
