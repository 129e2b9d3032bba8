import type { Target } from '../question';
import type { Report } from '../report';
import { isOtherRuntime, roleOf } from '../role';
import { formatNumber } from '../table';
import { formatRatio, type Verdict } from '../verdict';
import type { Answered } from './elements';
import type { Plotter } from './plotter';
import { picture } from './picture';
import { drawRatios, type RatioRow } from './ratios';

/** As wide as a column of text. */
const WIDTH = 480;

/** Whether a verdict compares with what users of Node have otherwise, and not with the limit. */
function isAdvantage({ target: { base, peer } }: Verdict): boolean {
  if (base === undefined || base === peer) return false;
  return roleOf(base) === 'other' && !isOtherRuntime(base);
}

/** How many times better: of a cost, how many times smaller. */
function timesOf({ atMost }: Target, ratio: number): number {
  return atMost === undefined ? ratio : 1 / ratio;
}

/** The verdict on the smallest advantage. */
export function leastAdvantage(verdicts: readonly Verdict[]): Verdict | undefined {
  const times = ({ target, ratio }: Verdict): number => timesOf(target, ratio);
  return verdicts.filter(isAdvantage).sort((a, b) => times(a) - times(b))[0];
}

function rowOf({ question }: Answered, verdict: Verdict): RatioRow {
  const { comparison, target, ratios, ratio, disturbed } = verdict;
  return {
    title: `${question.name}: ${comparison}`,
    detail: formatRatio(question, target),
    outcome: `${formatNumber(timesOf(target, ratio), 1)} x`,
    color: 'var(--ours)',
    hollow: disturbed.length > 0,
    ratios: ratios.map((value) => timesOf(target, value)),
  };
}

/** One plot for all questions, as a picture of its own: how many times better than what Node has. */
export function headline(
  plotter: Plotter,
  { machine }: Report,
  answered: readonly Answered[],
): string | undefined {
  const rows = answered.flatMap((one) => {
    const verdict = leastAdvantage(one.verdicts);
    return verdict ? rowOf(one, verdict) : [];
  });
  if (rows.length === 0) return undefined;
  const label = `times as fast, or as cheap, on Node ${machine.versions.node}`;
  return picture([drawRatios(plotter, rows, label, WIDTH)]);
}
