// One server and the session there: requests and their errors.
import { SheaflineError, errorOf } from "./problems.js";
export class Connection {
    #token = "";
    #url;
    // Called with each 401.
    onUnauthorized = () => { };
    constructor(url) {
        this.#url = url.replace(/\/+$/, "");
    }
    get url() {
        return this.#url;
    }
    authorize(token) {
        this.#token = token;
    }
    // The header of the session; none if a cookie is the session.
    async authorization() {
        const token = typeof this.#token === "string" ? this.#token : await this.#token();
        return token === "" ? {} : { Authorization: "Bearer " + token };
    }
    // Returns the answer unchanged; throws if there was none.
    async ask(path, options = {}) {
        const reply = await this.#once(path, options);
        if (reply.status !== 401)
            return reply;
        if (typeof this.#token === "function") {
            await reply.body?.cancel();
            const again = await this.#once(path, options);
            if (again.status !== 401)
                return again;
            this.onUnauthorized();
            return again;
        }
        this.onUnauthorized();
        return reply;
    }
    async #once(path, options) {
        const headers = new Headers(options.headers);
        for (const [name, value] of Object.entries(await this.authorization()))
            headers.set(name, value);
        try {
            return await fetch(this.#url + path, { ...options, headers });
        }
        catch (error) {
            if (options.signal?.aborted)
                throw error;
            throw new SheaflineError(0, typeof window === "object" ? {} : { detail: `the server cannot be reached: ${reasonOf(error)}` });
        }
    }
    async send(path, options = {}) {
        const reply = await this.ask(path, options);
        if (!reply.ok)
            throw await errorOf(reply);
        return reply;
    }
    async json(path, options = {}) {
        const reply = await this.send(path, options);
        if (reply.status === 204)
            return undefined;
        return await reply.json();
    }
}
// Node.js hides the reason in `cause`.
function reasonOf(error) {
    const cause = error.cause?.message;
    return cause !== undefined && cause !== "" ? cause : String(error);
}
