// The names that the pages use for the types of the API. schema.d.ts is generated (see types.mjs).
import type {components} from "./schema.js";

type Schemas = components["schemas"];
export type Answer = Schemas["Answer"];
export type Artifact = Schemas["Artifact"];
export type ApiToken = Schemas["ApiToken"];
export type Batch = Schemas["Batch"];
export type BatchState = Schemas["BatchState"];
export type BatchStatus = Schemas["BatchStatus"];
export type CreatedApiToken = Schemas["CreatedApiToken"];
export type CreatedBatch = Schemas["CreatedBatch"];
export type Decision = Schemas["Decision"];
export type DecisionRules = Schemas["DecisionRules"];
export type Entry = Schemas["Entry"];
export type NewDecision = Schemas["NewDecision"];
export type OpenSession = Schemas["OpenSession"];
export type Param = Schemas["Param"];
export type Pipeline = Schemas["Pipeline"];
export type ProblemBody = Partial<Schemas["Problem"]>;
export type ProgressEvent = Schemas["Event"];
export type EventPage = Schemas["Events"];
export type Result = Schemas["Result"];
export type Session = Schemas["Session"];
export type Shares = Schemas["Shares"];
export type Sheet = Schemas["Sheet"];
export type SheetDetail = Schemas["SheetDetail"];
export type StageStatus = Schemas["StageStatus"];

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

// A batch in one of these states changes without a person.
export const kUnfinished: readonly BatchState[] = ["uploading", "queued", "running", "retrying", "cancelling"];
export const isUnfinished = (state: BatchState): boolean => kUnfinished.includes(state);
