// A browser opens six connections to a server over HTTP/1.1, in all of its tabs together. Four tabs may hold a stream; the other
// tabs poll, so that two connections remain for requests.
const kSlots = 4;
const kName = "sheafline-streams";
const kRenewMs = 4_000;
const kValidMs = 12_000;  // a tab that was killed leaves its slot
const mine = Math.random().toString(36).slice(2);

type Slots = Readonly<Record<string, number>>;

function valid(): Slots {
  try {
    const slots = JSON.parse(localStorage.getItem(kName) ?? "{}") as Slots;
    return Object.fromEntries(Object.entries(slots).filter(([, at]) => Math.abs(Date.now() - at) < kValidMs));
  } catch {
    return {};
  }
}

const save = (slots: Slots): void => localStorage.setItem(kName, JSON.stringify(slots));

let timer: ReturnType<typeof setInterval> | undefined;

// Whether this tab may open a stream. It keeps the slot until leaveSlot().
export function takeSlot(): boolean {
  const slots = valid();
  if (!(mine in slots) && Object.keys(slots).length >= kSlots) return false;
  save({...slots, [mine]: Date.now()});
  timer ??= setInterval(() => save({...valid(), [mine]: Date.now()}), kRenewMs);
  return true;
}

export function leaveSlot(): void {
  clearInterval(timer);
  timer = undefined;
  const {[mine]: removed, ...rest} = valid();
  if (removed !== undefined) save(rest);
}

addEventListener("pagehide", leaveSlot);
