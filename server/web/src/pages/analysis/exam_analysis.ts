// The file analysis.json of the stage `analyze` (docs/analysis.md). A figure that is not defined is null.
export interface Group {
  readonly sheets: number;
  readonly mean: number | null;
  readonly standard_deviation: number | null;
  readonly lowest: number | null;
  readonly median: number | null;
  readonly highest: number | null;
  readonly reliability: number | null;
  readonly standard_error: number | null;
}

export interface HistogramBar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Remark {
  readonly code: string;
  readonly message: string;
}

export interface AnswerShare {
  readonly value: string;
  readonly kind: string;
  readonly count: number;
  readonly share: number;
}

export interface Question {
  readonly name: string;
  readonly difficulty: number | null;
  readonly item_rest: number | null;
  readonly remarks: readonly Remark[];
  readonly answers: readonly AnswerShare[];
}

export interface ExamAnalysis {
  readonly title: string;
  readonly sheets: {readonly total: number; readonly analyzed: number};
  readonly exam: Group & {readonly most_points: number | null; readonly reliability_method: string | null; readonly histogram: readonly HistogramBar[]} | null;
  readonly remarks: readonly Remark[];
  readonly classes?: readonly (Group & {readonly name: string})[];
  readonly questions: readonly Question[];
}
