// The data that the server sends, as its API describes it. Ignore fields that are not named here.

export interface ProgressEvent {
  readonly stage: string;
  readonly message: string;
  readonly progress_percentage: number;
  readonly sheets_total: number;
  readonly sheets_processed: number;
  readonly elapsed_seconds: number;
  readonly timestamp: string;
  readonly batch_id: string;
  readonly seq: number;
  readonly stage_id?: string;
  readonly execution?: number;
  readonly attempt?: number;
  readonly eta_seconds?: number;
  readonly rate_per_second?: number;
  readonly sheets_failed?: number;
  readonly overall_percentage?: number;
  readonly sheets_doubtful?: number;
  readonly answers_doubtful?: number;
  readonly error?: {readonly code: string; readonly message: string; readonly stage?: string};
}

export type BatchState =
  | "uploading" | "queued" | "running" | "retrying" | "cancelling" | "interrupted" | "reviewing" | "completed" | "failed"
  | "cancelled";

export interface Batch {
  readonly batch_id: string;
  readonly pipeline: string;
  readonly name?: string;
  readonly filename?: string;
  readonly exam?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state: BatchState;
  readonly execution: number;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly sheets_total: number;
  readonly sheets_read: number;
  readonly sheets_quarantined: number;
  readonly sheets_discarded: number;
  readonly sheets_doubtful?: number;
  readonly answers_doubtful?: number;
  readonly entries_total?: number;
  readonly entries_ignored?: number;
  readonly seq: number;
}

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

export interface Decision {
  readonly id: number;
  readonly sheet: number;
  readonly field: string;
  readonly kind: "value" | "confirm" | "qr" | "discard" | "read_again" | "continue" | "score" | "undo";
  readonly value: string;
  readonly undoes: number;
  readonly before: string;
  readonly before_flag: string;
  readonly user: string;
  readonly at: string;
  readonly reason: string;
  readonly state: "pending" | "applying" | "applied" | "undone";
  readonly execution: number;
  readonly undone_by: number;
}

export interface EventPage {
  readonly events: readonly ProgressEvent[];
  readonly next: number;
  readonly final: boolean;
  readonly gap?: Gap;
}

// Events that the server no longer keeps.
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly {
    readonly pointer: string;
    readonly detail: string;
    readonly decision?: Decision;  // what somebody else decided first
  }[];
}
