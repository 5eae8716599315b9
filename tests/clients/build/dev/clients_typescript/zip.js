// Several files as one ZIP without compression: scans are compressed already. Nothing is kept in memory but the headers; the
// bytes are read when they are sent. The same files make the same bytes, so an upload can continue after a reload.
//
// Format: APPNOTE.TXT of PKWARE, 4.3 (with ZIP64 for files from 4 GiB, and from 65,535 files).
import { bytesOf, sourceOf } from "./upload_source.js";
const kChunk = 4 << 20;
const kMost32 = 0xffffffff;
const kMost16 = 0xffff;
const kUtf8Names = 0x0800;
let crcs;
function crcTable() {
    return crcs ??= Uint32Array.from({ length: 256 }, (_, byte) => {
        let crc = byte;
        for (let bit = 0; bit < 8; ++bit)
            crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
        return crc >>> 0;
    });
}
async function crcOf(source, onBytes) {
    const table = crcTable();
    let crc = 0xffffffff;
    for (let begin = 0; begin < source.size; begin += kChunk) {
        const bytes = await bytesOf(await source.read(begin, Math.min(source.size, begin + kChunk)));
        for (let i = 0; i < bytes.length; ++i)
            crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
        onBytes(bytes.length);
    }
    return (crc ^ 0xffffffff) >>> 0;
}
// Little-endian fields of 2, 4 and 8 bytes.
function record(...fields) {
    const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
    let at = 0;
    for (const [size, value] of fields) {
        if (size === 2)
            view.setUint16(at, value, true);
        else if (size === 4)
            view.setUint32(at, value, true);
        else
            view.setBigUint64(at, BigInt(value), true);
        at += size;
    }
    return new Uint8Array(view.buffer);
}
function joined(...pieces) {
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
    }
    return whole;
}
// A name that no other entry has: "scan.pdf", then "scan (2).pdf".
function uniqueName(name, taken) {
    const clean = name.replace(/\\/g, "/").split("/").filter((part) => part !== "" && part !== "." && part !== "..").join("/") || "file";
    const dot = clean.lastIndexOf(".");
    const [stem, end] = dot > clean.lastIndexOf("/") + 1 ? [clean.slice(0, dot), clean.slice(dot)] : [clean, ""];
    let unique = clean;
    for (let n = 2; taken.has(unique.toLowerCase()); ++n)
        unique = `${stem} (${n})${end}`;
    taken.add(unique.toLowerCase());
    return unique;
}
// The time as the ZIP stores it, in two fields of 2 bytes; UTC, so that it does not depend on the zone.
function dosTime(ms) {
    const date = new Date(Math.max(ms, Date.UTC(1980, 0, 1)));
    return [date.getUTCHours() << 11 | date.getUTCMinutes() << 5 | date.getUTCSeconds() >> 1,
        (Math.min(date.getUTCFullYear(), 2107) - 1980) << 9 | (date.getUTCMonth() + 1) << 5 | date.getUTCDate()];
}
function commonFields({ source, crc, name }, extra, large) {
    const [time, day] = dosTime(source.modified);
    const size = large ? kMost32 : source.size;
    return [[2, 45], [2, kUtf8Names], [2, 0], [2, time], [2, day], [4, crc], [4, size], [4, size], [2, name.length], [2, extra]];
}
function localHeader(entry) {
    const large = entry.source.size >= kMost32;
    const extra = large ? record([2, 1], [2, 16], [8, entry.source.size], [8, entry.source.size]) : new Uint8Array();
    return joined(record([4, 0x04034b50], ...commonFields(entry, extra.length, large)), entry.name, extra);
}
function centralHeader(entry) {
    const { source: { size }, at } = entry;
    const large = size >= kMost32 || at >= kMost32;
    const extra = large ? record([2, 1], [2, 24], [8, size], [8, size], [8, at]) : new Uint8Array();
    return joined(record([4, 0x02014b50], [2, 45], ...commonFields(entry, extra.length, large), [2, 0], [2, 0], [2, 0], [4, 0], [4, large ? kMost32 : at]), entry.name, extra);
}
function ending(count, at, size) {
    const large = count >= kMost16 || at >= kMost32 || size >= kMost32;
    const end64 = large ? joined(record([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, size], [8, at]), record([4, 0x07064b50], [4, 0], [8, at + size], [4, 1])) : new Uint8Array();
    const [n, s, a] = large ? [kMost16, kMost32, kMost32] : [count, size, at];
    return joined(end64, record([4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, s], [4, a], [2, 0]));
}
async function readParts(parts, begin, end) {
    const pieces = parts.filter((part) => part.begin < end && part.begin + part.size > begin)
        .map((part) => part.read(Math.max(0, begin - part.begin), Math.min(part.size, end - part.begin)));
    return new Blob(await Promise.all(pieces));
}
// Reads all files once, for their checksums. `onRead` gets the share that was read.
export async function zipOf(inputs, name, onRead = () => { }) {
    const sources = inputs.map(sourceOf);
    const all = sources.reduce((sum, source) => sum + source.size, 0);
    const taken = new Set();
    const entries = [];
    const parts = [];
    let at = 0;
    let done = 0;
    const add = (size, read) => {
        parts.push({ begin: at, size, read });
        at += size;
    };
    const addBytes = (bytes) => add(bytes.length, (begin, end) => Promise.resolve(bytes.subarray(begin, end)));
    for (const source of sources) {
        const crc = await crcOf(source, (bytes) => onRead((done += bytes) / (all || 1)));
        const entry = { source, crc, at, name: new TextEncoder().encode(uniqueName(source.name, taken)) };
        entries.push(entry);
        addBytes(localHeader(entry));
        add(source.size, (begin, end) => source.read(begin, end));
    }
    const directory = at;
    for (const entry of entries)
        addBytes(centralHeader(entry));
    addBytes(ending(entries.length, directory, at - directory));
    return { name, size: at, modified: Math.max(0, ...sources.map((source) => source.modified)), read: (begin, end) => readParts(parts, begin, end) };
}
