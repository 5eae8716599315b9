// The files of a new batch: from the field, or dropped on any page, also in folders.
import {useEffect, useState} from "preact/hooks";
import type {ParamFile, UploadInput} from "@sheafline/client";
import {bytes} from "../../text/format.js";
import {t} from "../../text/text.js";
import {tellError} from "../../ui/notices.js";

export const kKinds = ".zip,.pdf,.tif,.tiff,.png,.jpg,.jpeg,.webp";
const kMostBytes = 8 << 20;  // of the file of a param

export interface Chosen {
  readonly file: File;
  readonly path: string;  // with the folder in which it was chosen, such as "scans/2024/page-1.tif"; else its name
}

export interface Group {
  readonly name: string;
  readonly files: readonly Chosen[];  // in the order in which they are sent
}

const isZip = ({file}: Chosen): boolean => /\.zip$/i.test(file.name);
export const isScan = ({file}: Chosen): boolean => kKinds.split(",").some((end) => file.name.toLowerCase().endsWith(end));
const folderOf = ({path}: Chosen): string => path.includes("/") ? path.slice(0, path.indexOf("/")) : "";

const inNameOrder = new Intl.Collator("en", {numeric: true});  // page-2 before page-10
const sorted = (files: readonly Chosen[]): readonly Chosen[] => [...files].sort((a, b) => inNameOrder.compare(a.path, b.path) || (a.path < b.path ? -1 : 1));

// Each ZIP is one batch; the other files of a folder are one batch, in the order of their names; so are all files without a folder.
export function groupsOf(files: readonly Chosen[]): readonly Group[] {
  const groups: Group[] = files.filter(isZip).map((zip) => ({name: zip.file.name, files: [zip]}));
  const folders = new Map<string, Chosen[]>();
  for (const one of files.filter((chosen) => !isZip(chosen))) folders.set(folderOf(one), [...folders.get(folderOf(one)) ?? [], one]);
  for (const [folder, inside] of folders) groups.push(folder === "" ? {name: inside[0]?.file.name ?? "", files: inside} : {name: folder, files: sorted(inside)});
  return groups;
}

export const isFolder = ({files}: Group): boolean => files[0] !== undefined && !isZip(files[0]) && folderOf(files[0]) !== "";

// What is sent of a group: one file as it is, several as one ZIP, in which files of a folder keep their paths.
export const inputsOf = (group: Group): readonly UploadInput[] => group.files.length === 1 ? group.files.map(({file}) => file) : group.files.map(({file, path}) => ({
  name: path, size: file.size, modified: file.lastModified, read: (begin: number, end: number) => Promise.resolve(file.slice(begin, end)),
}));

// Systems put these files into folders; nobody means to send them.
const isOfSystem = (name: string): boolean => name.startsWith(".") || /^(thumbs\.db|desktop\.ini)$/i.test(name);

// The files of a field; those of a chosen folder have a path.
export const chosenOf = (list: Iterable<File>): readonly Chosen[] => [...list].map((file) => ({file, path: file.webkitRelativePath || file.name}))
  .filter(({file, path}) => !path.includes("/") || !isOfSystem(file.name));

const entriesIn = (folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> => new Promise((resolve, reject) => {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  const more = (): void => reader.readEntries((some) => {  // at most 100 at once
    if (some.length === 0) return resolve(all);
    all.push(...some);
    more();
  }, reject);
  more();
});

async function filesIn(entry: FileSystemEntry): Promise<readonly Chosen[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{file, path}];
  }
  const inside = (await entriesIn(entry as FileSystemDirectoryEntry)).filter((one) => !isOfSystem(one.name));
  const found: Chosen[] = [];
  for (const one of inside) found.push(...await filesIn(one));
  return found;
}

// The entries must be taken before the event ends.
function droppedFiles(transfer: DataTransfer): Promise<readonly Chosen[]> {
  const entries = [...transfer.items].map((item) => item.kind === "file" ? item.webkitGetAsEntry() : null);
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve(chosenOf(transfer.files));
  return Promise.all(entries.flatMap((entry) => entry ? [filesIn(entry).catch((error: unknown) => {
    throw new Error(t("new.unreadable", {name: entry.name, why: error instanceof Error ? error.message : String(error)}));
  })] : [])).then((lists) => lists.flat());
}

let dropped: readonly Chosen[] = [];

// Files that were dropped on another page; they are returned once.
export function takeDropped(): readonly Chosen[] {
  const files = dropped;
  dropped = [];
  return files;
}

// Whether files are over the window. Dropped files are kept for the page of a new batch, which `onFiles` shows.
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
      if (!event.dataTransfer || !hasFiles(event) || (event.target instanceof Element && event.target.closest("input[type=file]:not([name=file])"))) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      droppedFiles(event.dataTransfer).then((files) => {
        if (files.length === 0) throw new Error(t("new.emptyFolder"));
        dropped = files;
        onFiles();
        dispatchEvent(new Event("filesdropped"));
      }).catch(tellError);
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
