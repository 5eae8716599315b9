// A client of Sheafline's HTTP API: the code that the server's own dashboard uses.
import {Connection, type TokenSource} from "./connection.js";
import {type AnswerOf, type LooseRequest, type MethodOf, type OperationOf, type Path, type RequestOf, addressOf, optionsOf} from "./routes.js";
import type {
  Answer, ApiToken, Batch, BatchState, BatchStatus, CreatedApiToken, Decision, Finding, NewDecision, Page, Pipeline, ProgressEvent, Result,
  Scope, Session, Sheet, SheetDetail, StreamTicket,
} from "./types.js";
import {type ParamValue, type UploadOptions, upload} from "./upload.js";
import type {UploadInput} from "./upload_source.js";
import {type WatchOptions, watch} from "./watch.js";
import {type ListChange, type WatchListOptions, watchList} from "./watch_list.js";

export type {TokenSource} from "./connection.js";
export {SheaflineError} from "./problems.js";
export type {components, operations, paths} from "./schema.js";
export type {MethodOf, OperationOf, AnswerOf, RequestOf, Path} from "./routes.js";
export * from "./types.js";
export type {EarlierUpload, ParamFile, ParamValue, UploadOptions, UploadProgress, UploadStore} from "./upload.js";
export type {UploadInput, UploadSource} from "./upload_source.js";
export type {WatchOptions, WatchState} from "./watch.js";
export type {ListChange, WatchListOptions} from "./watch_list.js";
export type {WatchOptions as FollowOptions} from "./watch.js";
export {zipOf} from "./zip.js";

export interface SubmitOptions {
  readonly pipeline: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly signal?: AbortSignal;
  readonly onSent?: (bytes: number) => void;
}

export interface ClientOptions {
  readonly token?: TokenSource;
}

const kPage = 1_000;
const one = (batch: string): {readonly path: {readonly id: string}} => ({path: {id: batch}});

export class SheaflineClient {
  readonly #connection: Connection;

  // "" is the server of the page; its cookie is the session then.
  constructor(url: string, {token}: ClientOptions = {}) {
    this.#connection = new Connection(url);
    if (token !== undefined) this.useToken(token);
  }

  // Returns the token, which is valid for hours; pass it to useToken() later.
  async signIn(user: string, password: string): Promise<string> {
    const body = new URLSearchParams({username: user, password});
    const {access_token: token = ""} = await this.#connection.json<{access_token?: string}>("/api/auth/login", {method: "POST", body});
    this.useToken(token);
    return token;
  }

  useToken(token: TokenSource): void {
    this.#connection.authorize(token);
  }

  // Calls `act` with each answer that says that the session or token is not valid.
  onUnauthorized(act: () => void): void {
    this.#connection.onUnauthorized = act;
  }

  // Any route of the API that answers with JSON, with the types of openapi.json.
  request<P extends Path, M extends MethodOf<P>>(method: M, path: P, request?: RequestOf<OperationOf<P, M>>): Promise<AnswerOf<OperationOf<P, M>>> {
    const loose = (request ?? {}) as LooseRequest;
    return this.#connection.json(addressOf(path, loose), optionsOf(method, loose));
  }

  // Any route as it answers: a file, an image, a stream.
  fetch<P extends Path, M extends MethodOf<P>>(method: M, path: P, request?: RequestOf<OperationOf<P, M>>): Promise<Response> {
    const loose = (request ?? {}) as LooseRequest;
    return this.#connection.send(addressOf(path, loose), optionsOf(method, loose));
  }

  // An address that the server gave, such as the `url` of an artifact or `image_url` of an answer.
  json<T>(path: string, options: RequestInit = {}): Promise<T> {
    return this.#connection.json<T>(path, options);
  }

  send(path: string, options: RequestInit = {}): Promise<Response> {
    return this.#connection.send(path, options);
  }

  upload(input: UploadInput | readonly UploadInput[], options: UploadOptions): Promise<string> {
    return upload(this.#connection, input, options);
  }

  submit(file: Blob, {onSent, ...options}: SubmitOptions): Promise<string> {
    return this.upload(file, {...options, ...(onSent ? {onProgress: ({sent}) => onSent(sent)} : {})});
  }

  watch(batch: string, options: WatchOptions = {}): AsyncGenerator<ProgressEvent, void> {
    return watch(this.#connection, batch, options);
  }

  // What changes in the list of batches, until `signal` ends it.
  watchList(options: WatchListOptions = {}): AsyncGenerator<ListChange, void> {
    return watchList(this.#connection, options);
  }

  // The earlier name of watch().
  follow(batch: string, options: WatchOptions = {}): AsyncGenerator<ProgressEvent, void> {
    return this.watch(batch, options);
  }

  // For an EventSource, which cannot send a token. Valid for 12 hours.
  async streamUrl(batch: string): Promise<string> {
    const {url}: StreamTicket = await this.request("POST", "/api/batches/{id}/stream-ticket", one(batch));
    return this.#connection.url + url;
  }

  session(): Promise<Session> {
    return this.request("GET", "/api/auth/session");
  }

  async signOut(): Promise<void> {
    await this.request("POST", "/api/auth/logout");
    this.useToken("");
  }

  batches(filter: {readonly state?: BatchState; readonly pipeline?: string; readonly q?: string; readonly sort?: "newest" | "oldest" | "name"} = {}): AsyncGenerator<Batch, void> {
    return this.#all((after) => this.request("GET", "/api/batches", {query: {...filter, limit: kPage, after}}));
  }

  batch(batch: string): Promise<Batch> {
    return this.request("GET", "/api/batches/{id}", one(batch));
  }

  status(batch: string): Promise<BatchStatus> {
    return this.request("GET", "/api/batches/{id}/status", one(batch));
  }

  change(batch: string, change: {readonly name?: string; readonly labels?: Readonly<Record<string, string>>}): Promise<Batch> {
    return this.request("PATCH", "/api/batches/{id}", {...one(batch), json: change});
  }

  async cancel(batch: string): Promise<void> {
    await this.request("POST", "/api/batches/{id}/cancel", one(batch));
  }

  // Starts a failed batch again at the stage that failed; watch() then shows the next execution.
  async retry(batch: string): Promise<void> {
    await this.request("POST", "/api/batches/{id}/retry", one(batch));
  }

  async remove(batch: string): Promise<void> {
    await this.request("DELETE", "/api/batches/{id}", one(batch));
  }

  async share(batch: string, shares: {readonly users?: readonly string[]; readonly everybody?: boolean}): Promise<void> {
    await this.request("PUT", "/api/batches/{id}/shares", {...one(batch), json: {...shares, users: [...shares.users ?? []]}});
  }

  sheets(batch: string, filter: {readonly state?: Sheet["state"]} = {}): AsyncGenerator<Sheet, void> {
    return this.#all((after) => this.request("GET", "/api/batches/{id}/sheets", {...one(batch), query: {...filter, limit: kPage, after}}));
  }

  // `places` adds where on its image the bubbles are.
  sheet(batch: string, sheet: number, {places = false}: {readonly places?: boolean} = {}): Promise<SheetDetail> {
    return this.request("GET", "/api/batches/{id}/sheets/{n}", {path: {id: batch, n: sheet}, ...(places ? {query: {places: "1"}} : {})});
  }

  // The image of a sheet; `overlay` draws what was read over it, `field` is one answer only.
  async sheetImage(batch: string, sheet: number, options: {readonly overlay?: boolean; readonly field?: string} = {}): Promise<Blob> {
    const query = {...(options.overlay ? {overlay: "1"} : {}), ...(options.field !== undefined ? {field: options.field} : {})};
    const path = addressOf("/api/batches/{id}/sheets/{n}/image", {path: {id: batch, n: sheet}, query});
    return await (await this.#connection.send(path)).blob();
  }

  // The rows of the results; the keys are the columns of the CSV.
  results(batch: string, filter: {readonly q?: string; readonly sort?: "sheet" | "confidence"} = {}): AsyncGenerator<Result, void> {
    return this.#all((after) => this.request("GET", "/api/batches/{id}/results", {...one(batch), query: {...filter, limit: kPage, after}}));
  }

  // What differs from the class list.
  findings(batch: string): AsyncGenerator<Finding, void> {
    return this.#all((after) => this.request("GET", "/api/batches/{id}/findings", {...one(batch), query: {limit: kPage, after}}));
  }

  async artifact(batch: string, name: string): Promise<Blob> {
    return await (await this.fetch("GET", "/api/batches/{id}/artifacts/{name}", {path: {id: batch, name}})).blob();
  }

  // The whole batch as one ZIP. The answer's body is a stream.
  bundle(batch: string): Promise<Response> {
    return this.fetch("GET", "/api/batches/{id}/bundle", one(batch));
  }

  // The answers in doubt.
  answers(batch: string, filter: {readonly flag?: string; readonly question?: string; readonly sort?: "sheet" | "confidence"} = {}): AsyncGenerator<Answer, void> {
    return this.#all((after) => this.request("GET", "/api/batches/{id}/answers", {...one(batch), query: {...filter, limit: kPage, after}}));
  }

  // Stores all of the decisions, or none: SheaflineError with the code DECIDED names in `decisions` what others decided first.
  async decide(batch: string, decisions: readonly NewDecision[]): Promise<readonly Decision[]> {
    const list = await this.request("POST", "/api/batches/{id}/decisions", {...one(batch), json: [...decisions]});
    return list.items;
  }

  decisions(batch: string, filter: {readonly state?: Decision["state"]; readonly sheet?: number} = {}): AsyncGenerator<Decision, void> {
    return this.#all((after) => this.request("GET", "/api/batches/{id}/decisions", {...one(batch), query: {...filter, limit: kPage, after}}));
  }

  // Makes the pending decisions count; watch() then shows the apply.
  async applyDecisions(batch: string): Promise<void> {
    await this.request("POST", "/api/batches/{id}/decisions/apply", one(batch));
  }

  // Scores a batch that has ended again with another key; watch() then shows it. `replaces` is the
  // other person's decision that this key replaces.
  async score(
    batch: string,
    key: string,
    type: "text/csv" | "application/yaml" | "application/json" = "application/yaml",
    options: {readonly reason?: string; readonly replaces?: number} = {},
  ): Promise<void> {
    const path = addressOf("/api/batches/{id}/score", {...one(batch), query: {reason: options.reason, replace: options.replaces}});
    await this.#connection.send(path, {method: "POST", headers: {"Content-Type": type}, body: key});
  }

  async pipelines(): Promise<readonly Pipeline[]> {
    return (await this.request("GET", "/api/pipelines")).items;
  }

  async tokens(): Promise<readonly ApiToken[]> {
    return (await this.request("GET", "/api/tokens")).items;
  }

  // `token` of the answer is shown only once.
  addToken(name: string, scopes: readonly Scope[], options: {readonly days?: number} = {}): Promise<CreatedApiToken> {
    return this.request("POST", "/api/tokens", {json: {name, scopes: [...scopes], ...(options.days !== undefined ? {expires_days: options.days} : {})}});
  }

  async removeToken(id: string): Promise<void> {
    await this.request("DELETE", "/api/tokens/{token}", {path: {token: id}});
  }

  async *#all<Item>(ask: (after: string | null) => Promise<Page<Item>>): AsyncGenerator<Item, void> {
    for (let after: string | null = null;;) {
      const page: Page<Item> = await ask(after);
      yield* page.items;
      if (page.next === null) return;
      after = page.next;
    }
  }
}
