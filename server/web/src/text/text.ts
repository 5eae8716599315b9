// Texts from the catalog. A second language is one more file beside en.ts.
import {en} from "./en.js";
import {number} from "./format.js";

export type TextKey = keyof typeof en;
type Values = Readonly<Record<string, string | number>>;
type Entry = string | Readonly<{one: string; other: string}>;

const rules = new Intl.PluralRules("en");

// t("sheets", {n: 3}): `n` selects the plural form. Numbers are written as the reader's locale writes them.
export function t(key: TextKey, values: Values = {}): string {
  const entry: Entry = en[key];
  const text = typeof entry === "string" ? entry : entry[rules.select(Number(values["n"] ?? 0)) === "one" ? "one" : "other"];
  return text.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    return value === undefined ? all : typeof value === "number" ? number(value) : value;
  });
}

// The text of a key that is made of a word of the server; the word itself if the catalog does not have it.
export function word(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return key in en ? t(key as TextKey) : value;
}
