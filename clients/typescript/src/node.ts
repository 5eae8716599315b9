// What only Node.js has: files to upload without reading them into memory, and a file that remembers unfinished uploads.
/// <reference types="node" />
import {mkdirSync, readFileSync, renameSync, writeFileSync} from "node:fs";
import {open, stat} from "node:fs/promises";
import {basename, dirname, resolve} from "node:path";
import type {UploadStore} from "./upload.js";
import type {UploadSource} from "./upload_source.js";

export async function fileSource(path: string): Promise<UploadSource> {
  const {size, mtimeMs} = await stat(path);
  return {
    name: basename(path), size, modified: mtimeMs,
    async read(begin, end) {
      const file = await open(path);
      try {
        const bytes = new Uint8Array(end - begin);
        for (let at = 0; at < bytes.length;) {
          const {bytesRead} = await file.read(bytes, at, bytes.length - at, begin + at);
          if (bytesRead === 0) throw new Error(`${path} became shorter while it was uploaded; start the upload again`);
          at += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

// A store for upload(), in one JSON file. Programs that run at the same time need different files.
export function fileStore(path: string): UploadStore {
  const file = resolve(path);
  const load = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
    } catch (error) {
      if ((error as {code?: string}).code === "ENOENT" || error instanceof SyntaxError) return {};
      throw error;
    }
  };
  const save = (values: Record<string, string>): void => {
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file + ".new", JSON.stringify(values, null, 2) + "\n");
    renameSync(file + ".new", file);
  };
  return {
    getItem: (key) => load()[key] ?? null,
    setItem: (key, value) => save({...load(), [key]: value}),
    removeItem: (key) => {
      const {[key]: removed, ...rest} = load();
      if (removed !== undefined) save(rest);
    },
  };
}
