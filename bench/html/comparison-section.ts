import { CHANGE_HEAD, changeRows, type ReportComparison } from '../compare';
import { table } from './elements';
import { html, type Markup } from './markup';

const CLASSES: Readonly<Record<string, string>> = { better: 'reached', worse: 'missed' };

/** What has changed since another run. */
export function comparisonSection({ rows, notes }: ReportComparison): Markup {
  const changed = changeRows(rows);
  const classes = changed.map((row) => CLASSES[row.at(-1) ?? ''] ?? '');
  return html`<section id="changes">
    <h2>What has changed</h2>
    ${notes.map((note) => html`<p class="faint">${note}</p>`)}
    ${table('New / old, as the median of all pairs of rounds', [CHANGE_HEAD, ...changed], classes)}
  </section>`;
}
