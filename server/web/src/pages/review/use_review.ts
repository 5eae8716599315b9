// The doubtful answers of a batch, what was decided about them, and how to decide.
import {useCallback, useEffect, useRef, useState} from "preact/hooks";
import {type ServerError, batchPath, call, post, query} from "../../api/call.js";
import type {Answer, Batch, Decision, DecisionRules, NewDecision, Page, Sheet} from "../../api/types.js";
import {t} from "../../text/text.js";
import {tell, tellError} from "../../ui/notices.js";
import {useRepeat} from "../../ui/use_data.js";
import {Outbox} from "./outbox.js";

const kPage = 500;
// Fields of doubts that are about a whole sheet and not about an answer.
const kSheet = "sheet";
const kIdentity = "identity";
const kOthersMs = 4_000;  // how often the decisions of others are asked for

export const keyOf = (sheet: number, field: string): string => `${sheet}:${field}`;

// What is decided about an answer: stored if it has an id.
export interface Decided {
  readonly value: string;
  readonly id?: number;
  readonly user?: string;  // absent: the person here
}

export interface Conflict {
  readonly answer: Answer;
  readonly wanted: NewDecision;
  readonly first: Decision;
}

export interface Review {
  readonly batch: Batch | undefined;
  readonly answers: readonly Answer[];
  readonly sheets: readonly Sheet[];  // quarantined
  readonly flagged: readonly Answer[];  // flags of whole sheets, such as a duplicate
  readonly codePattern: string;       // empty if any code is allowed
  readonly complete: boolean;         // all answers are loaded
  readonly error: Error | undefined;
  readonly decided: ReadonlyMap<string, Decided>;
  readonly pending: number;           // decisions for the next apply
  readonly unsent: number;
  readonly conflicts: readonly Conflict[];
  readonly decide: (list: readonly (readonly [Answer, string | null])[]) => void;  // null confirms what was read
  readonly decideSheet: (decision: NewDecision) => Promise<void>;
  readonly undo: () => Promise<string | null>;  // the key of the answer
  readonly settle: (conflict: Conflict, replace: boolean) => void;
  readonly sent: () => Promise<void>;
}

async function* pages<Item>(path: string, values: Readonly<Record<string, string | number>>): AsyncGenerator<readonly Item[]> {
  for (let after: string | null = ""; after !== null;) {
    const page: Page<Item> = await call<Page<Item>>(path + query({...values, after}));
    yield page.items;
    after = page.next;
  }
}

export async function all<Item>(path: string, values: Readonly<Record<string, string | number>>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages<Item>(path, values)) items.push(...page);
  return items;
}

export function useReview(id: string, user: string): Review {
  const [batch, setBatch] = useState<Batch>();
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const [sheets, setSheets] = useState<readonly Sheet[]>([]);
  const [flagged, setFlagged] = useState<readonly Answer[]>([]);
  const [codePattern, setCodePattern] = useState("");
  const [complete, setComplete] = useState(false);
  const [error, setError] = useState<Error>();
  const [decided, setDecided] = useState<ReadonlyMap<string, Decided>>(new Map());
  const [pending, setPending] = useState(0);
  const [unsent, setUnsent] = useState(0);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const mine = useRef<{key: string; sheet: boolean}[]>([]);  // my decisions, for undo
  const known = useRef(new Map<string, Answer>());
  const stored = useRef(new Map<string, number>());  // ids of my decisions

  const change = useCallback((act: (map: Map<string, Decided>) => void): void => setDecided((before) => {
    const next = new Map(before);
    act(next);
    return next;
  }), []);

  const outbox = useRef<Outbox>();
  outbox.current ??= new Outbox(id, {
    onStored: (key, decision) => {
      stored.current.set(key, decision.id);
      change((map) => map.set(key, {value: decision.value, id: decision.id}));
      setPending((count) => count + 1);
    },
    onRejected: (sending, problem: ServerError) => {
      change((map) => map.delete(sending.key));
      mine.current = mine.current.filter((one) => one.key !== sending.key);
      const answer = known.current.get(sending.key);
      const first = problem.decisions[0];
      if (!answer || !first) return tellError(problem);
      change((map) => map.set(sending.key, {value: first.value, id: first.id, user: first.user}));
      setConflicts((before) => [...before, {answer, wanted: sending.decision, first}]);
    },
    onWaiting: setUnsent,
  });

  const readDecisions = useCallback(async () => {
    const list = await all<Decision>(batchPath(id, "/decisions"), {state: "pending", limit: 1_000});
    if (outbox.current && outbox.current.count > 0) return;  // the next time
    setPending(list.filter((one) => one.kind !== "undo").length);
    setDecided(new Map(list.filter((one) => one.sheet > 0 && one.kind !== "undo").map((one) =>
      [keyOf(one.sheet, one.field), {value: one.value, id: one.id, ...(one.user === user ? {} : {user: one.user})}])));
  }, [id, user]);

  const load = useCallback(async () => {
    try {
      setComplete(false);
      setBatch(await call<Batch>(batchPath(id)));
      await readDecisions();
      call<DecisionRules>(batchPath(id, "/decisions/rules")).then((rules) => setCodePattern(rules.code_pattern ?? "")).catch(() => {});
      let items: readonly Answer[] = [];
      for await (const page of pages<Answer>(batchPath(id, "/answers"), {limit: kPage})) {
        for (const answer of page) known.current.set(keyOf(answer.sheet, answer.field), answer);
        items = [...items, ...page];
        setAnswers(items.filter((answer) => answer.field !== kIdentity));
      }
      setFlagged([...await all<Answer>(batchPath(id, "/answers"), {question: kSheet, limit: kPage}), ...items.filter((answer) => answer.field === kIdentity)]);
      setComplete(true);
      setSheets(await all<Sheet>(batchPath(id, "/sheets"), {state: "quarantined", limit: kPage}));
    } catch (problem) {
      setError(problem as Error);
    }
  }, [id, readDecisions]);
  useEffect(() => { void load(); }, [load]);

  useRepeat(() => {
    if (outbox.current && outbox.current.count > 0) return;
    readDecisions().catch(() => {});
    call<Batch>(batchPath(id)).then((now) => {
      if (batch && (now.execution !== batch.execution || now.answers_doubtful !== batch.answers_doubtful)) void load();
      setBatch(now);
    }).catch(() => {});
  }, kOthersMs);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent): void => { if (outbox.current && outbox.current.count > 0) event.preventDefault(); };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, []);

  const decide = useCallback((list: readonly (readonly [Answer, string | null])[]) => {
    change((map) => list.forEach(([answer, value]) => map.set(keyOf(answer.sheet, answer.field), {value: value ?? answer.value})));
    for (const [answer] of list) {
      const key = keyOf(answer.sheet, answer.field);
      mine.current = [...mine.current.filter((one) => one.key !== key), {key, sheet: false}];
    }
    outbox.current?.add(...list.map(([answer, value]) => ({key: keyOf(answer.sheet, answer.field), decision: value === null
      ? {sheet: answer.sheet, field: answer.field, confirm: true as const} : {sheet: answer.sheet, field: answer.field, value}})));
  }, []);

  const decideSheet = useCallback(async (decision: NewDecision) => {
    const {items} = await post<{items: readonly Decision[]}>(batchPath(id, "/decisions"), [decision]);
    for (const one of items) {
      const key = keyOf(one.sheet, one.field);
      stored.current.set(key, one.id);
      mine.current = [...mine.current.filter((other) => other.key !== key), {key, sheet: true}];
      change((map) => map.set(key, {value: one.value, id: one.id}));
    }
    setPending((count) => count + items.length);
  }, [id]);

  const undo = useCallback(async () => {
    const last = mine.current.at(-1);
    if (!last) {
      tell(t("review.nothingToUndo"));
      return null;
    }
    mine.current = mine.current.slice(0, -1);
    await outbox.current?.idle();
    const stale = stored.current.get(last.key);
    if (stale !== undefined) {
      await post(batchPath(id, "/decisions"), [{undo: stale}]);
      stored.current.delete(last.key);
      setPending((count) => Math.max(0, count - 1));
    }
    change((map) => map.delete(last.key));
    return last.key;
  }, [id]);

  const settle = useCallback((conflict: Conflict, replace: boolean) => {
    setConflicts((before) => before.filter((one) => one !== conflict));
    if (!replace) return;
    const key = keyOf(conflict.answer.sheet, conflict.answer.field);
    change((map) => map.set(key, {value: conflict.wanted.value ?? conflict.answer.value}));
    mine.current = [...mine.current, {key, sheet: false}];
    outbox.current?.add({key, decision: {...conflict.wanted, replace: conflict.first.id}});
  }, []);

  const sent = useCallback(() => outbox.current?.idle() ?? Promise.resolve(), []);
  return {batch, answers, sheets, flagged, codePattern, complete, error, decided, pending, unsent, conflicts, decide, decideSheet, undo, settle, sent};
}
