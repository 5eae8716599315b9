// The names of the API's types. They come from the server's own description (openapi.json). Ignore fields that are not named here.
import type {components} from "./schema.js";

type Schemas = components["schemas"];
export type Answer = Schemas["Answer"];
export type ApiToken = Schemas["ApiToken"];
export type Artifact = Schemas["Artifact"];
export type AuditEntry = Schemas["AuditEntry"];
export type Batch = Schemas["Batch"];
export type BatchState = Schemas["BatchState"];
export type BatchStatus = Schemas["BatchStatus"];
export type CreatedApiToken = Schemas["CreatedApiToken"];
export type CreatedBatch = Schemas["CreatedBatch"];
export type Decision = Schemas["Decision"];
export type DecisionRules = Schemas["DecisionRules"];
export type Entry = Schemas["Entry"];
export type EventPage = Schemas["Events"];
export type Finding = Schemas["Finding"];
export type NewBatch = Schemas["NewBatch"];
export type OpenSession = Schemas["OpenSession"];
export type Param = Schemas["Param"];
export type Pipeline = Schemas["Pipeline"];
export type Plugin = Schemas["Plugin"];
export type ProgressEvent = Schemas["Event"];
export type Result = Schemas["Result"];
export type Role = Schemas["Role"];
export type Scope = Schemas["Scope"];
export type Session = Schemas["Session"];
export type Shares = Schemas["Shares"];
export type Sheet = Schemas["Sheet"];
export type SheetDetail = Schemas["SheetDetail"];
export type NearCode = Schemas["NearCode"];
export type SystemState = Schemas["SystemState"];
export type Quota = Schemas["Quota"];
export type PipelineGraph = Schemas["PipelineGraph"];
export type SheetPlaces = Schemas["SheetPlaces"];
export type StageStatus = Schemas["StageStatus"];
export type StreamTicket = Schemas["StreamTicket"];
export type System = Schemas["System"];
export type User = Schemas["User"];
export type Worker = Schemas["Worker"];

// What an error of the server says. An error of a proxy may have none of it.
export type Problem = Partial<Schemas["Problem"]>;

// Events that the server no longer keeps.
export type Gap = NonNullable<EventPage["gap"]>;

// What a person decides about a sheet, one of its answers, or the batch.
export type NewDecision = {readonly reason?: string; readonly replace?: number} & (
  | {readonly sheet: number; readonly field: string; readonly value: string}
  | {readonly sheet: number; readonly field: string; readonly confirm: true}
  | {readonly sheet: number; readonly qr: string}
  | {readonly sheet: number; readonly discard: true}
  | {readonly sheet: number; readonly read_again: true; readonly force?: true}
  | {readonly continue: true}
  | {readonly undo: number}
);

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

// A batch in one of these states changes without a person.
export const kUnfinished: readonly BatchState[] = ["uploading", "queued", "running", "retrying", "cancelling"];
export const isUnfinished = (state: BatchState): boolean => kUnfinished.includes(state);
