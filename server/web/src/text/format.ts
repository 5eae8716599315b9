// Numbers, times and sizes as the reader's locale writes them.

const locale = navigator.language;
const plain = new Intl.NumberFormat(locale);
const percents = new Intl.NumberFormat(locale, {style: "percent", maximumFractionDigits: 0});
const full = new Intl.DateTimeFormat(locale, {dateStyle: "medium", timeStyle: "medium"});
const clock = new Intl.DateTimeFormat(locale, {timeStyle: "medium"});
const ages = new Intl.RelativeTimeFormat("en", {numeric: "auto"});

export const number = (value: number): string => plain.format(value);
export const decimal = (value: number, digits: number): string =>
  new Intl.NumberFormat(locale, {minimumFractionDigits: digits, maximumFractionDigits: digits}).format(value);
export const percent = (share: number): string => percents.format(share);
export const when = (utc: string | null | undefined): string => utc ? full.format(new Date(utc)) : "";
export const time = (utc: string): string => clock.format(new Date(utc));

export function duration(seconds: number): string {
  if (seconds === 0) return "0 s";
  if (seconds < 10) return decimal(seconds, seconds < 0.1 ? 2 : 1) + " s";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

const kUnits = ["KB", "MB", "GB", "TB"];
export function bytes(size: number): string {
  if (size < 1024) return `${number(size)} B`;
  let unit = -1;
  for (; size >= 1024 && unit < kUnits.length - 1; ++unit) size /= 1024;
  return `${decimal(size, size < 10 ? 1 : 0)} ${kUnits[unit]}`;
}

// "5 minutes ago"
export function age(utc: string): string {
  const seconds = (new Date(utc).getTime() - Date.now()) / 1000;
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return ages.format(Math.round(seconds / size), unit);
  return ages.format(Math.round(Math.min(seconds, 0)), "second");
}
