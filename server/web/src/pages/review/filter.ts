// Which doubtful answers are shown, and in which order. The filters are params of the address.
import type {Answer} from "../../api/types.js";
import {keyOf} from "./use_review.js";

export interface Filter {
  readonly question: string;
  readonly flag: string;
  readonly group: string;
  readonly below: number;  // the confidence; 1 is all
  readonly byConfidence: boolean;
}

export const filterOf = (params: URLSearchParams): Filter => ({
  question: params.get("question") ?? "", flag: params.get("flag") ?? "", group: params.get("group") ?? "",
  below: Number(params.get("below") ?? 1) || 1, byConfidence: params.get("order") === "confidence",
});

// `ofClass`: the keys of the answers of the wanted class.
export function select(answers: readonly Answer[], filter: Filter, ofClass: ReadonlySet<string> | undefined): readonly Answer[] {
  const found = answers.filter((answer) => (filter.question === "" || answer.field === filter.question)
    && (filter.flag === "" || answer.flags.includes(filter.flag)) && (filter.group === "" || answer.group === filter.group)
    && (ofClass === undefined || ofClass.has(keyOf(answer.sheet, answer.field)))
    && (filter.below >= 1 || answer.confidence < filter.below));
  return filter.byConfidence ? [...found].sort((a, b) => a.confidence - b.confidence) : found;
}

export interface Choice {
  readonly value: string;
  readonly count: number;
}

const inOrder = new Intl.Collator("en", {numeric: true});

// The values of a filter with the number of their answers, in natural order: q2 before q10.
export function choicesOf(answers: readonly Answer[], valuesOf: (answer: Answer) => readonly string[]): readonly Choice[] {
  const counts = new Map<string, number>();
  for (const answer of answers) for (const value of valuesOf(answer)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({value, count})).sort((a, b) => inOrder.compare(a.value, b.value));
}
