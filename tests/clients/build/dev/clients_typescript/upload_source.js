// What an upload reads from: a Blob or File of a browser, a file of Node.js (fileSource of "@sheafline/client/node"), or several
// of them as one ZIP (zip.ts).
export function sourceOf(input) {
    if (!(input instanceof Blob))
        return input;
    const file = input;
    const name = (file.webkitRelativePath !== "" ? file.webkitRelativePath : undefined) ?? file.name ?? "";
    return { name, size: input.size, modified: file.lastModified ?? 0, read: (begin, end) => Promise.resolve(input.slice(begin, end)) };
}
export async function bytesOf(part) {
    return part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part;
}
const kSamples = 16;
const kSampleBytes = 64 << 10;
// Tells files apart by their name, size and samples of their content, so that an upload is only continued with the same file. It
// is no protection against a file that was made to look equal.
export async function fingerprintOf(source) {
    let [first, second] = [0x811c9dc5, 0x9747b28c];
    const step = Math.max(kSampleBytes, Math.floor((source.size - kSampleBytes) / (kSamples - 1)));
    for (let begin = 0, samples = 0; begin < source.size && samples < kSamples; begin += step, ++samples) {
        for (const byte of await bytesOf(await source.read(begin, Math.min(source.size, begin + kSampleBytes)))) {
            first = Math.imul(first ^ byte, 0x01000193);
            second = Math.imul(second ^ byte, 0x5bd1e995);
            second ^= second >>> 15;
        }
    }
    return [source.name, source.size, (first >>> 0).toString(16), (second >>> 0).toString(16)].join("/");
}
