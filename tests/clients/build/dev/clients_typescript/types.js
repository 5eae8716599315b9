// A batch in one of these states changes without a person.
export const kUnfinished = ["uploading", "queued", "running", "retrying", "cancelling"];
export const isUnfinished = (state) => kUnfinished.includes(state);
