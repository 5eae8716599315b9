// A client of Sheafline's HTTP API: the code that the server's own dashboard uses.
import { Connection } from "./connection.js";
import { addressOf, optionsOf } from "./routes.js";
import { upload } from "./upload.js";
import { watch } from "./watch.js";
export { SheaflineError } from "./problems.js";
export * from "./types.js";
export { zipOf } from "./zip.js";
const kPage = 1_000;
const one = (batch) => ({ path: { id: batch } });
export class SheaflineClient {
    #connection;
    // "" is the server of the page; its cookie is the session then.
    constructor(url, { token } = {}) {
        this.#connection = new Connection(url);
        if (token !== undefined)
            this.useToken(token);
    }
    // Returns the token, which is valid for hours; pass it to useToken() later.
    async signIn(user, password) {
        const body = new URLSearchParams({ username: user, password });
        const { access_token: token = "" } = await this.#connection.json("/api/auth/login", { method: "POST", body });
        this.useToken(token);
        return token;
    }
    useToken(token) {
        this.#connection.authorize(token);
    }
    // Calls `act` with each answer that says that the session or token is not valid.
    onUnauthorized(act) {
        this.#connection.onUnauthorized = act;
    }
    // Any route of the API that answers with JSON, with the types of openapi.json.
    request(method, path, request) {
        const loose = (request ?? {});
        return this.#connection.json(addressOf(path, loose), optionsOf(method, loose));
    }
    // Any route as it answers: a file, an image, a stream.
    fetch(method, path, request) {
        const loose = (request ?? {});
        return this.#connection.send(addressOf(path, loose), optionsOf(method, loose));
    }
    upload(input, options) {
        return upload(this.#connection, input, options);
    }
    submit(file, { onSent, ...options }) {
        return this.upload(file, { ...options, ...(onSent ? { onProgress: ({ sent }) => onSent(sent) } : {}) });
    }
    watch(batch, options = {}) {
        return watch(this.#connection, batch, options);
    }
    // The earlier name of watch().
    follow(batch, options = {}) {
        return this.watch(batch, options);
    }
    // For an EventSource, which cannot send a token. Valid for 12 hours.
    async streamUrl(batch) {
        const { url } = await this.request("POST", "/api/batches/{id}/stream-ticket", one(batch));
        return this.#connection.url + url;
    }
    session() {
        return this.request("GET", "/api/auth/session");
    }
    async signOut() {
        await this.request("POST", "/api/auth/logout");
        this.useToken("");
    }
    batches(filter = {}) {
        return this.#all((after) => this.request("GET", "/api/batches", { query: { ...filter, limit: kPage, after } }));
    }
    batch(batch) {
        return this.request("GET", "/api/batches/{id}", one(batch));
    }
    status(batch) {
        return this.request("GET", "/api/batches/{id}/status", one(batch));
    }
    change(batch, change) {
        return this.request("PATCH", "/api/batches/{id}", { ...one(batch), json: change });
    }
    async cancel(batch) {
        await this.request("POST", "/api/batches/{id}/cancel", one(batch));
    }
    // Starts a failed batch again at the stage that failed; watch() then shows the next execution.
    async retry(batch) {
        await this.request("POST", "/api/batches/{id}/retry", one(batch));
    }
    async remove(batch) {
        await this.request("DELETE", "/api/batches/{id}", one(batch));
    }
    async share(batch, shares) {
        await this.request("PUT", "/api/batches/{id}/shares", { ...one(batch), json: { ...shares, users: [...shares.users ?? []] } });
    }
    sheets(batch, filter = {}) {
        return this.#all((after) => this.request("GET", "/api/batches/{id}/sheets", { ...one(batch), query: { ...filter, limit: kPage, after } }));
    }
    sheet(batch, sheet) {
        return this.request("GET", "/api/batches/{id}/sheets/{n}", { path: { id: batch, n: sheet } });
    }
    // The image of a sheet; `overlay` draws what was read over it, `field` is one answer only.
    async sheetImage(batch, sheet, options = {}) {
        const query = { ...(options.overlay ? { overlay: "1" } : {}), ...(options.field !== undefined ? { field: options.field } : {}) };
        const path = addressOf("/api/batches/{id}/sheets/{n}/image", { path: { id: batch, n: sheet }, query });
        return await (await this.#connection.send(path)).blob();
    }
    // The rows of the results; the keys are the columns of the CSV.
    results(batch, filter = {}) {
        return this.#all((after) => this.request("GET", "/api/batches/{id}/results", { ...one(batch), query: { ...filter, limit: kPage, after } }));
    }
    // What differs from the class list.
    findings(batch) {
        return this.#all((after) => this.request("GET", "/api/batches/{id}/findings", { ...one(batch), query: { limit: kPage, after } }));
    }
    async artifact(batch, name) {
        return await (await this.fetch("GET", "/api/batches/{id}/artifacts/{name}", { path: { id: batch, name } })).blob();
    }
    // The whole batch as one ZIP. The answer's body is a stream.
    bundle(batch) {
        return this.fetch("GET", "/api/batches/{id}/bundle", one(batch));
    }
    // The answers in doubt.
    answers(batch, filter = {}) {
        return this.#all((after) => this.request("GET", "/api/batches/{id}/answers", { ...one(batch), query: { ...filter, limit: kPage, after } }));
    }
    // Stores all of the decisions, or none: SheaflineError with the code DECIDED names in `decisions` what others decided first.
    async decide(batch, decisions) {
        const list = await this.request("POST", "/api/batches/{id}/decisions", { ...one(batch), json: [...decisions] });
        return list.items;
    }
    decisions(batch, filter = {}) {
        return this.#all((after) => this.request("GET", "/api/batches/{id}/decisions", { ...one(batch), query: { ...filter, limit: kPage, after } }));
    }
    // Makes the pending decisions count; watch() then shows the apply.
    async applyDecisions(batch) {
        await this.request("POST", "/api/batches/{id}/decisions/apply", one(batch));
    }
    // Scores a batch that has ended again with another key; watch() then shows it. `replaces` is the
    // other person's decision that this key replaces.
    async score(batch, key, type = "application/yaml", options = {}) {
        const path = addressOf("/api/batches/{id}/score", { ...one(batch), query: { reason: options.reason, replace: options.replaces } });
        await this.#connection.send(path, { method: "POST", headers: { "Content-Type": type }, body: key });
    }
    async pipelines() {
        return (await this.request("GET", "/api/pipelines")).items;
    }
    async tokens() {
        return (await this.request("GET", "/api/tokens")).items;
    }
    // `token` of the answer is shown only once.
    addToken(name, scopes, options = {}) {
        return this.request("POST", "/api/tokens", { json: { name, scopes: [...scopes], ...(options.days !== undefined ? { expires_days: options.days } : {}) } });
    }
    async removeToken(id) {
        await this.request("DELETE", "/api/tokens/{token}", { path: { token: id } });
    }
    async *#all(ask) {
        for (let after = null;;) {
            const page = await ask(after);
            yield* page.items;
            if (page.next === null)
                return;
            after = page.next;
        }
    }
}
