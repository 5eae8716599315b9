// The answers of the students of one class. Only rows that are collected with a roster have a class.
import {batchPath, call, query} from "../../api/call.js";
import type {Answer, Page} from "../../api/types.js";
import {useData} from "../../ui/use_data.js";
import {all, keyOf} from "./use_review.js";

export interface ClassAnswers {
  readonly known: boolean;  // the batch has classes
  readonly keys: ReadonlySet<string> | undefined;  // undefined: the answers of all classes
  readonly error: Error | undefined;
}

export function useClass(batch: string, name: string): ClassAnswers {
  const rows = useData(() => call<Page<object>>(batchPath(batch, "/results") + query({limit: 1})), [batch]);
  const answers = useData(async () => name === "" ? undefined
    : {name, keys: new Set((await all<Answer>(batchPath(batch, "/answers"), {class: name, limit: 500})).map((answer) => keyOf(answer.sheet, answer.field)))}, [batch, name]);
  const found = answers.data?.name === name ? answers.data.keys : new Set<string>();
  return {known: Object.hasOwn(rows.data?.items[0] ?? {}, "class"), keys: name === "" ? undefined : found, error: answers.error};
}
