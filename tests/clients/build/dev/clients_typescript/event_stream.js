// Parses Server-Sent Events from the pieces of a body (https://html.spec.whatwg.org/multipage/server-sent-events.html).
export class EventStreamParser {
    retry = 0; // milliseconds to wait before reconnecting, sent by the server
    #rest = "";
    #name = "";
    #data = [];
    take(text) {
        const lines = (this.#rest + text).split("\n");
        this.#rest = lines.pop() ?? "";
        return lines.flatMap((line) => this.#takeLine(line.replace(/\r$/, "")));
    }
    #takeLine(line) {
        if (line === "") {
            const message = { name: this.#name || "message", data: this.#data.join("\n") };
            const whole = this.#data.length > 0;
            this.#name = "";
            this.#data = [];
            return whole ? [message] : [];
        }
        const colon = line.indexOf(":");
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (name === "event")
            this.#name = value;
        if (name === "data")
            this.#data.push(value);
        if (name === "retry" && /^\d+$/.test(value))
            this.retry = Number(value);
        return [];
    }
}
