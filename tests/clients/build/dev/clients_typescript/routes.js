// "/api/batches/{id}" and {id: "1"} to "/api/batches/1", with the query that is not empty.
export function addressOf(path, { path: values = {}, query = {} }) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
        const value = values[name];
        if (value === undefined)
            throw new TypeError(`the path ${path} needs a value for ${name}`);
        return encodeURIComponent(String(value));
    });
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
        if (value !== "" && value !== null && value !== undefined)
            search.set(name, String(value));
    const text = search.toString();
    return text === "" ? filled : `${filled}?${text}`;
}
export function optionsOf(method, { json, body, headers, signal }) {
    const fields = new Headers(headers);
    if (json !== undefined)
        fields.set("Content-Type", "application/json");
    return { method, headers: fields, signal: signal ?? null, ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined ? { body } : {}) };
}
