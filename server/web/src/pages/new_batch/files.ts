// The files of a new batch: from the field, or dropped on any page.
import {useEffect, useState} from "preact/hooks";
import type {ParamFile} from "@sheafline/client";
import {bytes} from "../../text/format.js";
import {t} from "../../text/text.js";

export const kKinds = ".zip,.pdf,.tif,.tiff,.png,.jpg,.jpeg,.webp";
const kMostBytes = 8 << 20;  // of the file of a param

const isZip = (file: File): boolean => /\.zip$/i.test(file.name);
export const isScan = (file: File): boolean => kKinds.split(",").some((end) => file.name.toLowerCase().endsWith(end));

// Each ZIP is one batch; all other files together are one.
export function groupsOf(files: readonly File[]): readonly (readonly File[])[] {
  const others = files.filter((file) => !isZip(file));
  return [...files.filter(isZip).map((file) => [file]), ...(others.length > 0 ? [others] : [])];
}

let dropped: readonly File[] = [];

// Files that were dropped on another page; they are returned once.
export function takeDropped(): readonly File[] {
  const files = dropped;
  dropped = [];
  return files;
}

// Whether files are over the window. Dropped files go to `onFiles`, or are kept for the page of a new batch.
export function useDrop(onFiles: (() => void) | null): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!onFiles) return;
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => { if (hasFiles(event)) { ++depth; setOver(true); } };
    const leave = (event: DragEvent): void => { if (hasFiles(event) && --depth <= 0) setOver(false); };
    const hold = (event: DragEvent): void => { if (hasFiles(event)) event.preventDefault(); };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || (event.target instanceof Element && event.target.closest("input[type=file]:not([name=file])"))) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      dropped = [...event.dataTransfer?.files ?? []];
      onFiles();
      dispatchEvent(new Event("filesdropped"));
    };
    const all = {dragenter: enter, dragleave: leave, dragover: hold, drop} as const;
    for (const [name, act] of Object.entries(all)) addEventListener(name, act as EventListener);
    return () => { for (const [name, act] of Object.entries(all)) removeEventListener(name, act as EventListener); };
  }, [onFiles]);
  return over;
}

// The value of a param of type `file`: as a text if it is one.
export async function paramFileOf(file: File): Promise<ParamFile> {
  if (file.size > kMostBytes) throw new Error(t("param.fileTooLarge", {name: file.name, size: bytes(file.size), most: bytes(kMostBytes)}));
  const content = new Uint8Array(await file.arrayBuffer());
  try {
    return {filename: file.name, text: new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(content)};
  } catch {
    let text = "";
    for (let at = 0; at < content.length; at += 0x8000) text += String.fromCharCode(...content.subarray(at, at + 0x8000));
    return {filename: file.name, base64: btoa(text)};
  }
}
