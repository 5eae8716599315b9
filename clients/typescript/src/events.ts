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
  | "uploading" | "queued" | "running" | "retrying" | "cancelling" | "interrupted" | "completed" | "failed" | "cancelled";

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
  readonly errors?: readonly {readonly pointer: string; readonly detail: string}[];
}
