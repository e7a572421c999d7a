// The console's own: a note saves itself while it is written, and lies in this browser until the server has it, so that a
// lost network or a crash loses nothing; and the bell of a speech. Without scripts the button keeps the note.
const SAVE_MS = 3000;
const RETRY_MS = 5000;
const PREFIX = "note:";

const place = () => document.querySelector("[data-note]");
const field = () => place()?.querySelector("textarea[name=words]");
/** What was said last, and of which note. */
let said = {};
const say = (words) => {
  said = { words, note: place()?.dataset.note };
  sayOn();
};
/** A part that is shown anew goes on saying how the note in it was saved. */
const sayOn = () => {
  const saved = place()?.querySelector("[data-saved]");
  if (saved && said.words && place().dataset.note === said.note) saved.textContent = said.words;
};

// ---- what is kept here until it is sent --------------------------------------------------------------------------------

// Storage may be forbidden or full: then a note is sent, and not kept beforehand.
let memory = new Map();
const store = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)) ?? memory.get(key); } catch { return memory.get(key); }
  },
  set(key, value) {
    memory.set(key, value);
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* it is in memory */ }
  },
  drop(key) {
    memory.delete(key);
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
  keys() {
    try { return [...new Set([...Object.keys(localStorage), ...memory.keys()])]; } catch { return [...memory.keys()]; }
  },
};

/** A request id of its own for each text; `randomUUID` is missing on plain addresses. */
const freshId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

/** Keeps what stands in the field. */
const keep = () => {
  const [at, text] = [place(), field()];
  if (!at || !text) return;
  const key = PREFIX + at.dataset.note;
  const words = text.value.trim();
  if (words === "" || text.value === text.defaultValue) return store.drop(key);
  const value = (name) => at.querySelector(`[name=${name}]`).value;
  store.set(key, {
    who: at.dataset.who, url: at.querySelector("form").getAttribute("action"), words, request_id: freshId(),
    action: value("action"), sitting: value("sitting"), speech: value("speech"), seen: value("seen"),
  });
};

// ---- sending -----------------------------------------------------------------------------------------------------------

const TIME = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** Sends one kept note. Says how it went. */
const send = async (key, note) => {
  const { who, url, ...fields } = note;
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin", keepalive: leaving });
  } catch {
    return "away";
  }
  if (answer.status >= 500) return "away";
  const query = new URL(answer.url).searchParams;
  const here = place()?.dataset.note === fields.speech;
  const settle = () => {
    // What was typed meanwhile is another text, on the version that this one made.
    if (store.get(key)?.request_id === note.request_id) store.drop(key);
  };
  if (query.has("version")) {
    settle();
    if (!here) return "done";
    place().querySelector("[name=seen]").value = query.get("version");
    delete place().dataset.paused;
    if (location.search.includes("beside=")) history.replaceState(null, "", location.pathname);
    const text = field();
    if (text.value.trim() === fields.words) text.defaultValue = text.value;
    else keep();
    document.querySelector("#note .form-summary")?.remove();
    return "done";
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (query.has("beside")) {
    settle();
    // Somebody wrote on the same version: both are kept, and a person makes one of the two.
    const fresh = page.querySelector("[data-live=note]");
    const part = document.querySelector("[data-live=note]");
    if (!here || !fresh || !part) return "beside";
    const typed = field().value;
    part.replaceChildren(...fresh.childNodes);
    if (field()) field().value = typed;
    return "beside";
  }
  if (answer.status === 401 || answer.url.includes("/sign-in")) return "stranger";
  refusal = page.querySelector("[role=alert], .form-summary")?.textContent.trim() ?? "";
  return "refused";
};

let refusal = "";
/** Whether the page is being left: what is sent then outlives it. */
let leaving = false;
let sending = false;
/** The note whose button was pressed and that was not sent since. */
let pressed;
let timer;

/** Sends everything that is kept and may be sent; of a note in conflict only when its button was pressed. */
const sendAll = async () => {
  clearTimeout(timer);
  timer = undefined;
  if (sending) return void later(SAVE_MS);
  sending = true;
  const who = document.querySelector("[data-console]")?.dataset.console;
  let wait = 0;
  try {
    for (const key of store.keys().filter((key) => key.startsWith(PREFIX))) {
      const note = store.get(key);
      // A device may be shared: what one person left here, only that person's pages send.
      if (!note || note.who !== who) continue;
      const here = place()?.dataset.note === note.speech;
      if (here && "paused" in place().dataset && pressed !== note.speech) continue;
      const how = await send(key, note);
      if (pressed === note.speech && how !== "away") pressed = undefined;
      if (how === "done" && here) say(`已存 ${TIME.format(Date.now())}`);
      if (how === "beside" && here) say("两份都存着，请合成一份再按「记下要点」");
      if (how === "stranger") say("登录过期了。写的放在这台设备里，重新登录以后自动补存。");
      if (how === "refused") say(here ? `没有存上：${refusal}` : "有一条先前写的没有存上，请到那一条「改要点」。");
      if (how === "away") {
        say("没有网络，写的放在这台设备里，连上网自动补存。");
        wait = RETRY_MS;
        break;
      }
      if (store.get(key) && how === "done") wait ||= SAVE_MS;
    }
  } finally {
    sending = false;
  }
  if (wait) later(wait);
};

function later(wait) {
  timer ??= setTimeout(sendAll, wait);
}

/** What was left here of the note that is shown now goes back into its field. */
const restore = () => {
  const text = field();
  const note = text && store.get(PREFIX + place().dataset.note);
  if (!note || note.who !== place().dataset.who || note.words === text.value.trim()) return;
  if (text.value === text.defaultValue) text.value = note.words;
};

document.addEventListener("input", ({ target }) => {
  if (target !== field()) return;
  keep();
  if ("paused" in place().dataset) return;
  say("还没有存");
  later(SAVE_MS);
});
document.addEventListener("submit", (event) => {
  if (!place()?.contains(event.target)) return;
  const text = field();
  // An empty note, or one that stands already, is answered by the server as without scripts.
  if (text.value.trim() === "" || (text.value === text.defaultValue && !("paused" in place().dataset))) return;
  event.preventDefault();
  // Of two versions the one in the field may be the one that was written here: it is sent all the same.
  if (text.value === text.defaultValue) text.defaultValue = "";
  keep();
  pressed = place().dataset.note;
  sendAll();
});
addEventListener("online", sendAll);
addEventListener("pagehide", () => {
  leaving = true;
  if (timer) sendAll();
});
addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("shown", () => {
  sayOn();
  restore();
});
restore();
sendAll();

// ---- the bell: once when the last minutes begin, twice at the end -----------------------------------------------------

let sound;
const wake = () => {
  try {
    sound ??= new AudioContext();
    sound.resume();
  } catch { /* without sound the mark on the clock is left */ }
};
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake);

const beep = (times) => {
  if (sound?.state !== "running") return;
  for (let n = 0; n < times; n += 1) {
    const at = sound.currentTime + n * 0.35;
    const [tone, loudness] = [sound.createOscillator(), sound.createGain()];
    tone.frequency.value = 880;
    loudness.gain.setValueAtTime(0.25, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
    tone.connect(loudness).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
};

const RUNG = "rung";
const stand = (clock) => (clock.classList.contains("over") ? 2 : clock.classList.contains("bell") ? 1 : 0);
/** Rings when the clock passes a mark; what was rung before a reload of the page is not rung again. */
const ring = () => {
  const clock = document.querySelector(".speech-clock");
  if (!clock) return;
  const now = `${clock.dataset.speech} ${clock.dataset.allowed}`;
  let [of, rung] = (() => {
    try { return JSON.parse(sessionStorage.getItem(RUNG)) ?? []; } catch { return []; }
  })();
  // A speech that is met in the middle is not rung for what has passed.
  if (of !== now) rung = stand(clock);
  if (stand(clock) > rung) {
    document.documentElement.dataset.rung = stand(clock);
    beep(stand(clock));
  }
  try { sessionStorage.setItem(RUNG, JSON.stringify([now, stand(clock)])); } catch { /* it may ring once more */ }
};
setInterval(ring, 500);
