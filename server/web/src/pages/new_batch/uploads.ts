// The uploads of this page, in the background of all pages. After a lost connection or a restart of the server an upload
// continues by itself; after a reload of the page it continues when the person chooses the same file again.
import {useEffect, useState} from "preact/hooks";
import type {EarlierUpload, ParamValue} from "@sheafline/client";
import {ServerError, batchPath, messageOf, post} from "../../api/call.js";
import {client} from "../../api/client.js";
import {type Group, inputsOf, isFolder} from "./files.js";

export interface Upload {
  readonly id: number;
  readonly name: string;
  batch: string;  // empty until the server knows it
  size: number;
  sent: number;
  rate: number;  // bytes a second
  left: number | null;  // seconds
  prepared: number;  // share
  state: "preparing" | "sending" | "waiting" | "sent" | "failed" | "cancelled";
  problem: string;
  readonly abort: AbortController;
}

export interface Order {
  readonly pipeline: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const kStored = "sheafline-upload:";
let uploads: readonly Upload[] = [];
let last = 0;
const watchers = new Set<() => void>();
const changed = (): void => watchers.forEach((watcher) => watcher());
export const isAtWork = (upload: Upload): boolean => upload.state === "preparing" || upload.state === "sending" || upload.state === "waiting";

addEventListener("beforeunload", (event) => { if (uploads.some(isAtWork)) event.preventDefault(); });

export function useUploads(): readonly Upload[] {
  const [, show] = useState(0);
  useEffect(() => {
    const watcher = (): void => show((count) => count + 1);
    watchers.add(watcher);
    return () => { watchers.delete(watcher); };
  }, []);
  return uploads;
}

export function dismiss(upload: Upload): void {
  uploads = uploads.filter((one) => one !== upload);
  changed();
}

interface KeptUpload {
  readonly key: string;
  readonly batch: string;
  readonly url: string;
  readonly name: string;
  readonly size: number;
}

function kept(): readonly KeptUpload[] {
  const keys = Array.from({length: localStorage.length}, (_, i) => localStorage.key(i) ?? "").filter((key) => key.startsWith(kStored));
  return keys.flatMap((key) => {
    try {
      return [{...JSON.parse(localStorage.getItem(key) ?? "") as Omit<KeptUpload, "key">, key}];
    } catch {
      return [];
    }
  });
}

function forget(batch: string): void {
  for (const one of kept()) if (one.batch === batch) localStorage.removeItem(one.key);
}

export interface Unfinished {
  readonly batch: string;
  readonly name: string;
  readonly share: number;
}

// The uploads that another page began and did not end, as the server knows them.
export async function unfinishedUploads(): Promise<readonly Unfinished[]> {
  const found = await Promise.all(kept().filter((one) => !uploads.some((upload) => upload.batch === one.batch && isAtWork(upload))).map(async (one) => {
    try {
      const reply = await client.send(one.url, {method: "HEAD", headers: {"Tus-Resumable": "1.0.0"}});
      return [{batch: one.batch, name: one.name, share: Number(reply.headers.get("Upload-Offset")) / (one.size || 1)}];
    } catch (error) {
      if (error instanceof ServerError && !error.mayPass && error.status !== 401) localStorage.removeItem(one.key);
      return [];
    }
  }));
  return found.flat();
}

export async function discardUnfinished(batch: string): Promise<void> {
  await post(batchPath(batch, "/cancel"));
  forget(batch);
}

// Returns the batch's id as soon as the server knows the batch; the files are sent in the background.
export function submit(order: Order, group: Group, onEarlier: (earlier: EarlierUpload) => Promise<boolean>): Promise<string> {
  const {files} = group;
  const name = files.length === 1 || isFolder(group) ? group.name : `${group.name} + ${files.length - 1}`;
  const size = files.reduce((sum, {file}) => sum + file.size, 0);
  const upload: Upload = {id: ++last, batch: "", name, size, sent: 0, rate: 0, left: null, prepared: 0, state: "preparing",
    problem: "", abort: new AbortController()};
  uploads = [...uploads, upload];
  changed();
  const {name: named, ...rest} = order;
  return new Promise((resolve, reject) => {
    client.upload(inputsOf(group), {
      ...rest, ...(files.length > 1 && isFolder(group) ? {filename: group.name + ".zip"} : {}), ...(named === "" ? {} : {name: named}), store: localStorage, signal: upload.abort.signal, onEarlier,
      onPrepared: (share) => { upload.prepared = share; changed(); },
      onCreated: (batch, all) => {
        Object.assign(upload, {batch, size: all, state: "sending"});
        changed();
        resolve(batch);
      },
      onProgress: ({sent, rate, left, waiting}) => {
        Object.assign(upload, {sent, rate, left, state: waiting ? "waiting" : "sending"});
        changed();
      },
    }).then(() => { upload.state = "sent"; }, async (error: unknown) => {
      const cancelled = upload.abort.signal.aborted;
      upload.state = cancelled ? "cancelled" : "failed";
      upload.problem = cancelled ? "" : messageOf(error);
      if (upload.batch === "") {  // the form shows the problem
        dismiss(upload);
        return reject(error);
      }
      forget(upload.batch);
      if (cancelled) await post(batchPath(upload.batch, "/cancel")).catch(() => {});
    }).finally(changed);
  });
}

// A pipeline that takes no file.
export async function submitWithoutFile({name, ...order}: Order): Promise<string> {
  return (await post<{readonly batch_id: string}>("/api/batches", {...order, ...(name === "" ? {} : {name})})).batch_id;
}
