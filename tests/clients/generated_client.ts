// Uses the API through types that openapi-typescript generates from the server's description (api.d.ts). What the compiler
// accepts here is what the description promises.
import createClient from "openapi-fetch";
import type {components, paths} from "./api.js";

type Batch = components["schemas"]["Batch"];
type Problem = components["schemas"]["Problem"];

// Runs a batch of a pipeline without an upload to its end.
export async function runBatch(baseUrl: string, username: string, password: string, pipeline: string) {
  const client = createClient<paths>({baseUrl});
  const signedIn = await client.POST("/api/auth/login", {
    body: {username, password},
    bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
    headers: {"Content-Type": "application/x-www-form-urlencoded"},
  });
  if (!signedIn.data?.access_token) throw new Error(JSON.stringify(signedIn.error));
  const headers = {Authorization: "Bearer " + signedIn.data.access_token};

  const created = await client.POST("/api/batches", {body: {pipeline}, headers});
  if (!created.data) throw new Error(JSON.stringify(created.error));
  const id: string = created.data.batch_id;
  const states: Batch["state"][] = [];
  while (!["completed", "failed", "cancelled"].includes(states.at(-1) ?? "")) {
    const batch = await client.GET("/api/batches/{id}", {params: {path: {id}}, headers});
    if (!batch.data) throw new Error(JSON.stringify(batch.error));
    states.push(batch.data.state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  const listed = await client.GET("/api/batches", {params: {query: {state: "completed", limit: 10}}, headers});
  if (!listed.data?.items.some((batch) => batch.batch_id === id)) throw new Error("the list lacks the batch");
  const missing = await client.GET("/api/batches/{id}", {params: {path: {id: "none"}}, headers});
  const rejection: Problem = missing.error!;
  return {states, rejection};
}
