// The server's API. The session is a cookie that this script cannot read; the server checks that requests come from this page.

// Shows the sign-in form; returns whether it was not shown before.
let signedOut = () => false;
export function onSignedOut(callback) {
  signedOut = callback;
}

export class Refused extends Error {
  constructor(status, problem) {
    const fields = (problem.errors || []).map((error) => error.detail).filter((text) => text !== problem.detail);
    super([problem.detail || problem.title || "The server does not answer", ...fields].join("; "));
    this.status = status;
  }
}

export async function call(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch {
    throw new Refused(0, {detail: "The server cannot be reached; check the connection and try again"});
  }
  if (reply.status === 204) return null;
  if (reply.ok) return reply.json();
  if (reply.status === 401 && signedOut()) throw new Refused(401, {detail: " "});  // the form is enough
  throw new Refused(reply.status, await reply.json().catch(() => ({})));
}

export const post = (path, body) => call(path, body === undefined ? {method: "POST"} : {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
});

export const batchPath = (id, rest = "") => "/api/batches/" + encodeURIComponent(id) + rest;

export const kUnfinished = ["uploading", "queued", "running", "retrying", "cancelling"];
