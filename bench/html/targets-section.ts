import {
  formatRatio,
  formatReach,
  isReached,
  shareOf,
  summary,
  unmeasuredLines,
  type Verdict,
  VERDICT_HEAD,
  verdictNotes,
  verdictRows,
} from '../verdict';
import { figure, table, type Answered } from './elements';
import { html, type Markup } from './markup';
import type { Plotter } from './plotter';
import { drawRatios, type RatioRow } from './ratios';

function classOf(verdict: Verdict): string {
  if (verdict.disturbed.length > 0) return 'faint';
  return isReached(verdict) ? 'reached' : 'missed';
}

/** The section about the targets: how far each was reached. */
export function targetsSection(plotter: Plotter, answered: readonly Answered[]): Markup {
  const judged = answered.flatMap(({ question, verdicts }) =>
    verdicts.map((verdict) => ({ question, verdict })),
  );
  const all = judged.map(({ verdict }) => verdict);
  const missing = answered.flatMap((one) => one.missing);
  const lines = answered.flatMap((one) => unmeasuredLines(one.question, one.missing));
  if (judged.length + missing.length === 0)
    return html`<p id="targets">There are no targets for what was asked.</p>`;
  const drawn = answered.flatMap(({ question, verdicts }) => {
    const rows = verdicts.map((verdict): RatioRow => {
      const { target, ratios } = verdict;
      return {
        title: verdict.comparison,
        detail: formatRatio(question, target),
        outcome: formatReach(verdict),
        color: `var(--${classOf(verdict)})`,
        hollow: verdict.disturbed.length > 0,
        ratios: ratios.map((ratio) => shareOf(target, ratio)),
      };
    });
    if (rows.length === 0) return [];
    return figure(question.name, '', drawRatios(plotter, rows, 'times the target'));
  });
  return html`<section id="targets">
    <h2>Targets: ${summary(all, missing)}</h2>
    <p>
      Each dot is a round, each bar ends at the median: right of the line is better than promised.
      What was disturbed is hollow; an arrow is a round that is farther off than the axis goes.
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
        all.map(classOf),
      )}
      ${verdictNotes(all).map((note) => html`<p class="faint">${note}</p>`)}
    </details>
    ${
      lines.length === 0
        ? ''
        : html`<details>
            <summary>Not measured in this run</summary>
            ${lines.map((line) => html`<p class="faint">${line}</p>`)}
          </details>`
    }
  </section>`;
}
