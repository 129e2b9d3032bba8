import type { Question } from '../question';
import type { Answer } from '../report';
import type { Unmeasured, Verdict } from '../verdict';
import { html, Markup } from './markup';

/** A question, its results, and the verdicts on its targets. */
export interface Answered {
  readonly question: Question;
  readonly answer: Answer;
  readonly verdicts: readonly Verdict[];
  readonly missing: readonly Unmeasured[];
}

/**
 * A table that scrolls by itself where it is wider than the page.
 *
 * @param rows the header, and the rows of the body
 * @param classes for the rows of the body
 */
export function table(
  caption: string,
  rows: readonly (readonly string[])[],
  classes: readonly string[],
): Markup {
  const [head = [], ...body] = rows;
  const cells = ([first = '', ...rest]: readonly string[]): Markup =>
    html`<th scope="row">${first}</th>
      ${rest.map((cell) => html`<td>${cell}</td>`)}`;
  return html`<div class="scroll">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          (row, index) =>
            html`<tr class="${classes[index] ?? ''}">
              ${cells(row)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A plot with its title. */
export function figure(title: string, detail: string, svg: string): Markup {
  const more = detail === '' ? new Markup('') : html`<span>${detail}</span>`;
  return html`<figure>
    <figcaption>${title}${more}</figcaption>
    ${new Markup(svg)}
  </figure>`;
}
