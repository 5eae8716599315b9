// Status 0: there was no answer.
export class SheaflineError extends Error {
    status;
    problem;
    name = "SheaflineError";
    constructor(status, problem) {
        super(messageOf(status, problem));
        this.status = status;
        this.problem = problem;
    }
    // The stable code of the error; docs/operate/runbook.md of Sheafline lists all of them.
    get code() {
        return this.problem.code ?? "";
    }
    // The same request may succeed later.
    get mayPass() {
        return this.status === 0 || this.status >= 500 || [408, 423, 429].includes(this.status);
    }
    // With the code DECIDED: what another person decided first.
    get decisions() {
        return (this.problem.errors ?? []).flatMap((error) => error.decision ?? []);
    }
}
function messageOf(status, problem) {
    const main = problem.detail ?? problem.title;
    if (main === undefined)
        return status === 0 ? "the server cannot be reached; check the address and the network" : `the server answered with status ${status}; try again`;
    const places = (problem.errors ?? []).map((error) => error.detail ?? "").filter((text) => text !== "" && text !== main);
    return [main, ...places].join("; ");
}
export async function errorOf(reply) {
    return new SheaflineError(reply.status, await reply.json().catch(() => ({})));
}
export function sleep(ms, signal) {
    return new Promise((resolve, reject) => {
        if (signal?.aborted)
            return reject(signal.reason);
        const stop = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, ms);
        signal?.addEventListener("abort", stop, { once: true });
    });
}
// Waits. The pauses double up to five seconds, with jitter so that many clients do not return at once.
export class Patience {
    #pause = 200;
    renew() {
        this.#pause = 200;
    }
    async wait(atLeast = 0, signal) {
        const pause = Math.max(atLeast, this.#pause * (0.5 + Math.random()));
        this.#pause = Math.min(this.#pause * 2, 5_000);
        await sleep(pause, signal);
    }
}
