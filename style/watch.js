// Pages that follow a case while people look at them. The server tells that something changed, never what: the page is
// asked for anew then, with the rights of whoever looks, and its parts marked `data-live` are put in place of the old
// ones. What somebody is writing stays. Without a stream, and without scripts, loading the page shows the same.
const root = document.querySelector("[data-stream]");
const one = (selector, at = document) => at.querySelector(selector);
const all = (selector, at = document) => [...at.querySelectorAll(selector)];
// Milliseconds. Thousands look at once, so they spread over `SPREAD`; in a burst each looks once in `GAP`, or less often
// where the answer takes long. A line that is no stream is tried again after `RETRY`; a note is read in `READ`.
const SPREAD = 100;
const GAP = 500;
const RETRY = 5000;
const READ = 5000;

/** The page's own address. What was done is said once; the newest state says the rest. */
const address = () => {
  const own = new URL(location.href);
  for (const name of ["done", "version"]) own.searchParams.delete(name);
  own.hash = "";
  return own.href;
};

let seen = Number(root?.dataset.seen);
let line;
let timer;
let running = false;
let again = false;
let free = 0;
/** Whether a part was held back because somebody writes in it. */
let held = false;

// ---- clocks: the page says how long ago something began, the browser counts on from there -----------------------------

const born = new WeakMap();
const since = (element) => {
  if (!born.has(element)) born.set(element, Date.now());
  return Math.max(0, Math.floor((Date.now() - born.get(element)) / 1000));
};

const minutes = (left) => {
  const seconds = Math.abs(left);
  return `${left < 0 ? "超 " : ""}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

const TIME = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

let minute;
const tick = () => {
  for (const clock of all("[data-elapsed]")) {
    const spent = Number(clock.dataset.elapsed) + since(clock);
    const [allowed, bell] = [Number(clock.dataset.allowed), Number(clock.dataset.bell)];
    const left = allowed - spent;
    clock.classList.toggle("over", left < 0);
    clock.classList.toggle("bell", left >= 0 && left <= bell);
    const figure = one(".speech-figure", clock);
    if (figure) figure.textContent = minutes(left);
    const bar = one("progress", clock);
    if (bar) bar.value = Math.min(spent, allowed);
  }
  for (const now of all("[data-now]")) {
    now.textContent = TIME.format((Number(now.dataset.now) + since(now)) * 1000);
  }
  // A page that is good for a while says for how long.
  const ends = one("[data-again]");
  if (ends && ends !== minute && since(ends) > Number(ends.dataset.again)) {
    minute = ends;
    soon();
  }
};

// ---- looking anew -----------------------------------------------------------------------------------------------------

const changed = (field) => {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.localName === "select") {
    const chosen = Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
    return field.selectedIndex !== chosen;
  }
  return field.value !== field.defaultValue;
};

const FIELDS = "input, textarea, select";
/** Whether somebody writes here, or mends what was refused or what two people wrote. */
const busy = (part) => {
  const at = document.activeElement;
  if (part.contains(at) && at.matches(FIELDS)) return true;
  return one("[role=alert], [data-paused]", part) !== null || all(FIELDS, part).some(changed);
};

/** The part as it is compared: each showing has a request id of its own. */
const plain = (part) => part.innerHTML.replace(/name="request_id" value="[^"]*"/g, "");

/** What was unfolded stays so, and what had the focus has it again. */
const renew = (part, fresh) => {
  const open = new Set(all("details[open] > summary", part).map((summary) => summary.textContent));
  const at = part.contains(document.activeElement) ? document.activeElement : null;
  part.replaceChildren(...fresh.childNodes);
  for (const summary of all("details > summary", part)) {
    if (open.has(summary.textContent)) summary.parentElement.open = true;
  }
  if (at) all(at.localName, part).find((next) => next.textContent === at.textContent)?.focus({ preventScroll: true });
};

const say = () => {
  if (one("#changed")) return;
  const note = document.createElement("p");
  const way = document.createElement("a");
  note.id = "changed";
  note.className = "note";
  note.setAttribute("role", "status");
  note.textContent = "有新的变动，刷新看最新。";
  way.href = address();
  way.textContent = "刷新";
  note.append(way);
  root.before(note);
};

const show = (fresh) => {
  const next = one("[data-stream]", fresh);
  if (!next) return say();
  const names = (page) => all("[data-live]", page).map((part) => part.dataset.live).join();
  if (names(document) !== names(fresh)) {
    // Another page than before, as when the meeting is opened.
    if (all("[data-live]").some(busy)) say();
    else location.replace(address());
    return;
  }
  let put = false;
  let told = false;
  held = false;
  for (const part of all("[data-live]")) {
    const to = one(`[data-live="${part.dataset.live}"]`, fresh);
    if (plain(to) === plain(part)) continue;
    if (busy(part)) {
      held = true;
      // A part that saves itself is renewed when nobody writes in it any more; there is nothing to say of it.
      told ||= !("quiet" in part.dataset);
    } else {
      renew(part, to);
      put = true;
    }
  }
  seen = Number(next.dataset.seen);
  if (told) say();
  else one("#changed")?.remove();
  // What was done a while ago is no news beside the newest state.
  if (put && performance.now() > READ) one("main .note[role=status]:not(#changed)")?.remove();
  tick();
  document.dispatchEvent(new Event("shown"));
};

const look = async () => {
  timer = undefined;
  // A page that is shown again is told what it missed.
  if (document.hidden) return;
  running = true;
  again = false;
  const began = performance.now();
  try {
    const answer = await fetch(address(), { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (answer.ok && !answer.redirected) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    else if (answer.status < 500) say();
    else again = true;
  } catch {
    again = true;
  }
  const now = performance.now();
  free = now + Math.max(GAP, now - began);
  running = false;
  if (again) soon();
};

function soon() {
  if (running) again = true;
  else timer ??= setTimeout(look, Math.max(Math.random() * SPREAD, free - performance.now()));
}

// ---- the stream: one, and only while the page is seen, since a browser has few lines to one server ---------------------

const shut = () => {
  line?.close();
  line = undefined;
  delete root.dataset.line;
};

const open = () => {
  if (line || document.hidden) return;
  const mine = (line = new EventSource(`${root.dataset.stream}?seen=${seen}`));
  mine.onopen = () => { root.dataset.line = "open"; };
  mine.addEventListener("change", ({ data }) => {
    // On several servers one change may be told twice.
    if (JSON.parse(data).seq > seen) soon();
  });
  mine.addEventListener("resync", soon);
  mine.onerror = () => {
    delete root.dataset.line;
    // The browser comes back by itself, with the last id; but not after an answer that is no stream.
    if (mine.readyState !== EventSource.CLOSED || mine !== line) return;
    shut();
    setTimeout(() => { open(); soon(); }, RETRY * (1 + Math.random()));
  };
};

if (root) {
  tick();
  setInterval(tick, 1000);
  open();
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()));
  addEventListener("pagehide", shut);
  addEventListener("pageshow", open);
  // What was held back is shown when the field is left.
  addEventListener("focusout", () => { if (held) soon(); });
}
