import type { Question } from '../question';
import type { Answer } from '../report';
import type { Unmeasured, Verdict } from '../verdict';
import { html, Markup } from './markup';

/** A question with what came out, and whether that was what is promised. */
export interface Answered {
  readonly question: Question;
  readonly answer: Answer;
  readonly verdicts: readonly Verdict[];
  readonly missing: readonly Unmeasured[];
}

/**
 * A table that scrolls by itself where it is wider than the page.
 *
 * @param rows the head and the others
 * @param classes of the others
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
