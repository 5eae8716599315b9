// The image of a sheet, upright, with the reading drawn over it if that is wanted.
import {useMemo} from "preact/hooks";
import {batchPath} from "../../api/call.js";
import {client} from "../../api/client.js";
import type {SheetDetail} from "../../api/types.js";
import {t} from "../../text/text.js";
import {ZoomImage} from "../../ui/zoom_image.js";
import {preload} from "../review/preload.js";
import {Drawing} from "./drawing.js";

export const sheetDetail = (batch: string, sheet: number): Promise<SheetDetail> => client.sheet(batch, sheet, {places: true});

interface SheetImageProps {
  readonly batch: string;
  readonly sheet: SheetDetail;
  readonly drawn: boolean;
  readonly onMissing?: () => void;
}

// A batch that an older program read has no places. The server draws them into a picture, which takes it a while.
const pictureOf = (path: string, sheet: SheetDetail, drawn: boolean): string => path + (drawn && sheet.reading && !sheet.reading.places ? "?overlay=1" : "");

export function SheetImage({batch, sheet, drawn, onMissing}: SheetImageProps) {
  const path = batchPath(batch, `/sheets/${sheet.sheet}/image`);
  const places = sheet.reading?.places ?? undefined;
  const over = useMemo(() => drawn && places ? <Drawing places={places} /> : null, [drawn, places]);
  return <ZoomImage src={pictureOf(path, sheet, drawn)} first={path} alt={t("sheet.image", {n: String(sheet.sheet), file: sheet.file})}
    turns={places?.quarter_turns ?? 0} over={over} {...(onMissing ? {onMissing} : {})} />;
}

// Loads what the page of a sheet shows before the person asks for it.
export async function preloadSheet(batch: string, number: number): Promise<void> {
  const next = await sheetDetail(batch, number).catch(() => null);
  if (next) preload([pictureOf(batchPath(batch, `/sheets/${number}/image`), next, true)]);
}
