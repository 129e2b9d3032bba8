import { formatRatio, formatReach, shareOf, summary, VERDICT_HEAD, verdictRows } from '../verdict';
import { figure, table, type Answered } from './elements';
import { html, type Markup } from './markup';
import type { Plotter } from './plotter';
import { drawRatios, type RatioRow } from './ratios';

/** How far each promise is kept. */
export function targetsSection(plotter: Plotter, answered: readonly Answered[]): Markup {
  const judged = answered.flatMap(({ question, answer }) =>
    answer.verdicts.map((verdict) => ({ question, verdict })),
  );
  if (judged.length === 0)
    return html`<p id="targets">There are no targets for what was asked.</p>`;
  const drawn = answered.flatMap(({ question, answer }) => {
    const rows = answer.verdicts.map((verdict): RatioRow => {
      const { target, ratios, met } = verdict;
      return {
        title: verdict.comparison,
        detail: formatRatio(question, target),
        outcome: formatReach(verdict),
        color: met ? 'var(--reached)' : 'var(--missed)',
        ratios: ratios.map((ratio) => shareOf(target, ratio)),
      };
    });
    if (rows.length === 0) return [];
    return figure(question.name, '', drawRatios(plotter, rows, 'times the target'));
  });
  return html`<section id="targets">
    <h2>Targets: ${summary(judged.map(({ verdict }) => verdict))}</h2>
    <p>
      Each dot is a round, each bar ends at the median: right of the line is better than promised.
    </p>
    <div class="plots">${drawn}</div>
    <details>
      <summary>Numbers</summary>
      ${table(
        'The median of the ratios inside the rounds, their range, and what C reaches of the same',
        [
          VERDICT_HEAD,
          ...judged.flatMap(({ question, verdict }) => verdictRows(question, [verdict])),
        ],
        judged.map(({ verdict }) => (verdict.met ? 'reached' : 'missed')),
      )}
    </details>
  </section>`;
}
