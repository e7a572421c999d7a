// The door. The list lies in this browser, so that people are checked in at once and without a network; what was ticked
// is kept until the server has it. The list and the kept page go when the meeting is over, what was not sent stays.
const place = document.querySelector("#door");
const { page, who, worker, qr, part } = place?.dataset ?? {};
const section = document.querySelector("#list");
const codes = document.querySelector("#code form");
// A device may be shared: each account has its own list of each door.
const key = `${who} ${page}`;
const MOST = 300;
const BATCH = 50;
const EVERY = 5000;

const element = (tag, className, text, more = {}) =>
  Object.assign(document.createElement(tag), { className, textContent: text ?? "" }, more);

const button = (words, className, work, label) => {
  const made = element("button", className, words, { type: "button" });
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", work);
  return made;
};

// Storage may be forbidden: then the page works while it stays open.
const opened = (name, store, keyPath) => new Promise((done) => {
  try {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store, { keyPath });
    asked.onerror = () => done(null);
    asked.onsuccess = () => {
      // Another page wipes it: signing out.
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
  } catch { done(null); }
});
const stores = { lists: opened("door-lists", "lists", "key"), queue: opened("door-queue", "queue", "request") };

const store = async (name, mode, work) => {
  const db = await stores[name];
  try {
    return await new Promise((done) => {
      const asked = work(db.transaction(name, mode).objectStore(name));
      asked.onsuccess = () => done(asked.result ?? true);
      asked.onerror = () => done(null);
    });
  } catch { return null; }
};
const put = (name, value) => store(name, "readwrite", (all) => all.put(value));
const drop = (name, id) => store(name, "readwrite", (all) => all.delete(id));

/** A new request id; `randomUUID` is missing on plain addresses. */
const freshId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
const WAYS = { list: "名单", code: "短码", scan: "扫码" };

// What is known: the list as the server gave it, who was ticked here, and what the server would not take.
let list = null;
let people = new Map();
const waiting = new Map();
const refused = new Map();
let others = [];
// "on", "away" without a network, "stranger" signed out, or a sentence of the server.
let line = navigator.onLine ? "on" : "away";
let sent = 0;
let stored = true;

const read = (answer) => {
  people = new Map();
  for (const [id, name, what] of answer.officials) people.set(id, { id, name, what, official: true });
  for (const [id, name, category, code, link, promised, note] of answer.people) {
    people.set(id, { id, name, category, code, link, promised, note });
  }
};

const isIn = (id) => waiting.has(id) || Boolean(list.marks[id]);

// ---- the server

/** Asks the server; `null` when there is no answer to work with, and `line` says why. */
const ask = async (address, options = {}) => {
  if (!navigator.onLine) {
    line = "away";
    return null;
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 15_000);
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options });
    const value = answer.status < 500 ? await answer.json() : {};
    if (answer.ok) {
      line = "on";
      return value;
    }
    line = answer.status === 401 ? "stranger" : answer.status >= 500 ? "away" : value.sentence;
  } catch {
    line = "away";
  } finally {
    clearTimeout(timer);
  }
  return null;
};

/** The list anew, or what changed on it. */
const poll = async (whole) => {
  const began = Date.now();
  const part = whole || !list ? "" : `?since=${list.seen}`;
  const answer = await ask(`${page}/list${part}`);
  if (!answer) return say();
  if (!answer.sitting) return wipe();
  // Of this answer, half the way was over when the server looked at its clock.
  const offset = answer.now - (began + Date.now()) / 2;
  if (answer.people) {
    const { now, marks, ...rest } = answer;
    list = { key, ...rest, at: now, seen: now, offset, marks: Object.fromEntries(marks.map(([id, ...mark]) => [id, mark])) };
    read(list);
    await keepList();
    show();
    keepPage();
  } else if (answer.count !== list.count || answer.sitting !== list.sitting) {
    return poll(true);
  } else {
    Object.assign(list, { seen: answer.now, offset });
    mark(answer.marks);
  }
  say();
};

const keepList = async () => {
  stored = (await put("lists", list)) !== null;
};

const mark = (marks) => {
  const changed = marks.filter(([id, check, words]) => (list.marks[id]?.[1] ?? "") !== words || (list.marks[id]?.[0] ?? null) !== check);
  for (const [id, check, words] of changed) {
    if (check) list.marks[id] = [check, words];
    else delete list.marks[id];
    again(id);
  }
  if (!changed.length) return;
  keepList();
  heads();
  sides();
};

/** The check-ins that the server does not have yet. */
const flush = async () => {
  if (flush.running || !waiting.size) return;
  flush.running = true;
  try {
    while (waiting.size) {
      const batch = [...waiting.values()].slice(0, BATCH);
      for (const one of batch) one.sending = true;
      say();
      const body = JSON.stringify(batch.map(({ request, sitting, invitee, account, how, at, list_at }) =>
        ({ request, sitting, invitee, account, how, at, list_at })));
      const answers = await ask(`${page}/sync`, { method: "POST", body, headers: { "content-type": "application/json" } });
      for (const one of batch) one.sending = false;
      if (!answers) break;
      let later = false;
      for (const { request, became, sentence } of answers) {
        const one = batch.find((one) => one.request === request);
        const id = one.invitee ?? one.account;
        if (became === "later") {
          later = true;
          continue;
        }
        waiting.delete(id);
        if (became === "refused") {
          refused.set(request, { ...one, sentence });
          await put("queue", { ...one, sentence });
        } else {
          if (list) list.marks[id] ??= [null, words(one)];
          await drop("queue", request);
          if (one.away) sent += 1;
        }
        again(id);
      }
      if (later) break;
    }
  } finally {
    flush.running = false;
  }
  for (const one of waiting.values()) {
    one.away = true;
    again(one.invitee ?? one.account);
  }
  complaints();
  heads();
  say();
  if (line === "on" && list) await poll();
};

const turn = async () => {
  if (turn.running) return;
  turn.running = true;
  try {
    await flush();
    // What was just sent in vain need not be asked again in vain.
    if (section && (list || !turn.over) && !(line === "stranger" && waiting.size)) await poll();
  } finally {
    turn.running = false;
  }
};

// ---- what is kept here

/** Puts the page that the service worker shows without a network into the cache, with all that it loads. */
const keepPage = async () => {
  if (keepPage.done || !("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  keepPage.done = true;
  try {
    // Who signs out waits for it, and then wipes it (public.js).
    await navigator.locks.request("door", keepNow);
  } catch {
    keepPage.done = false;
  }
};

const keepNow = async () => {
  const shown = await fetch(`${page}/kept`, { credentials: "same-origin", cache: "no-store" });
  if (!shown.ok || shown.redirected) return;
  const loaded = new DOMParser().parseFromString(await shown.clone().text(), "text/html");
  const addresses = [...loaded.querySelectorAll("link[href], script[src], img[src]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src"));
  const wanted = new Set([...addresses, qr].filter((address) => address.startsWith("/pkg/")));
  const cache = await caches.open(`door:${page}`);
  for (const { url } of await cache.keys()) {
    if (!wanted.delete(new URL(url).pathname)) await cache.delete(url);
  }
  await cache.addAll([...wanted]);
  await cache.put(page, shown);
  await navigator.serviceWorker.register(worker, { scope: page });
};

/** The meeting is over, or its door was never opened: nothing of the list stays here. */
const wipe = async () => {
  const had = list;
  list = null;
  turn.over = true;
  people.clear();
  await drop("lists", key);
  if ("caches" in globalThis) await caches.delete(`door:${page}`);
  for (const one of (await navigator.serviceWorker?.getRegistrations?.()) ?? []) {
    if (new URL(one.scope).pathname === page) await one.unregister();
  }
  if (had || section) {
    document.querySelector("#code")?.remove();
    const note = element("p", "empty", "签到已经结束，名单已从这台设备上删除。");
    note.append(element("a", "", "看最新情况", { href: page }));
    section?.querySelector(".sec-head").after(note);
    for (const old of [...(section?.children ?? [])].filter((one) => one !== note && !one.matches(".sec-head"))) old.remove();
    sides();
  }
  say();
  await flush();
};

// ---- what is shown

const status = element("p", "door-line", "");
const said = element("p", "door-said", "");
const trouble = element("div", "door-trouble", "");
for (const one of [status, said]) one.setAttribute("role", "status");

const linked = (words, href) => element("a", "", words, { href });

const say = () => {
  const n = waiting.size;
  const parts = [];
  if (line === "stranger") parts.push("请重新登录，签到还在这台设备上。", linked("去登录", `/sign-in?next=${encodeURIComponent(page)}`));
  else if (line === "away") parts.push(n ? `断网，已存 ${n} 条` : list ? "断网，照常签到，连上网再补交" : "断网，名单不在这台设备上");
  else if (line !== "on") parts.push(line);
  else if (n) parts.push(`在线，正在补交 ${n} 条`);
  else if (section && !list && !turn.over) parts.push("正在取名单");
  else if (section) parts.push(sent ? `在线，已补交 ${sent} 条` : "在线");
  if (!stored) parts.push("这台设备存不下名单，断网以后请别关这一页。");
  if (line === "on" && section && !document.querySelector("#door-sheet")) parts.push(linked("打开完整的签到页", page));
  for (const [where, count] of others) parts.push(linked(`另一场会还有 ${count} 条没有补交`, where));
  const words = parts.map((one) => (typeof one === "string" ? element("span", "", one) : one));
  if (status.textContent !== words.map((one) => one.textContent).join("")) status.replaceChildren(...words);
  status.classList.toggle("away", line !== "on");
};

const complaints = () => {
  trouble.replaceChildren(...[...refused.values()].map(({ request, name, sentence }) => {
    const one = element("p", "refusal", "");
    one.append(element("span", "", `${name}：${sentence}`), button("知道了", "link", async () => {
      refused.delete(request);
      await drop("queue", request);
      complaints();
    }, `${name}：知道了`));
    return one;
  }));
};

const words = ({ at, how, away }) => `${clock.format(at)} 签到，${WAYS[how]}${away ? "，离线" : ""}`;

const row = (person) => {
  const one = element("li", "door-row", "");
  const about = element("div", "", "");
  about.append(element("b", "", person.name));
  if (person.what ?? person.note) about.append(element("p", "caption", person.what ?? person.note));
  one.append(about);
  const noted = waiting.get(person.id);
  const there = list.marks[person.id];
  if (noted || there) {
    const here = element("div", "door-here", "");
    here.append(element("span", "word good", noted ? words(noted) : there[1]));
    here.append(button("撤销", "link", () => undo(person), `撤销 ${person.name} 的签到`));
    one.append(here);
  } else {
    one.append(button("签到", "btn second", () => checkIn(person, "list"), `${person.name} 签到`));
  }
  return one;
};

const rows = new Map();
let groups = [];

/** Shows somebody's row anew, where it is shown. */
const again = (id) => {
  const old = rows.get(id);
  if (!old || !list) return;
  const held = old.contains(document.activeElement);
  const fresh = row(people.get(id));
  old.replaceWith(fresh);
  rows.set(id, fresh);
  if (held) fresh.querySelector("button").focus();
};

/** Counts by category: over the list, and in the table of the page. */
const heads = () => {
  if (!list) return;
  for (const { head, word, of } of groups) head.textContent = `${word} ${of.filter(({ id }) => isIn(id)).length}/${of.length}`;
  for (const cell of document.querySelectorAll("#door-sides tr[data-category] td")) {
    const of = [...people.values()].filter(({ category }) => category === cell.parentElement.dataset.category);
    const there = of.filter(({ id }) => isIn(id));
    cell.textContent = `${there.length}/${of.filter(({ id, promised }) => promised || isIn(id)).length}`;
  }
};

const found = element("div", "", "");
const search = section?.querySelector("form[role=search]");
const fits = () => {
  const text = search?.elements.q.value.trim() ?? "";
  const category = search?.elements.category.value ?? "";
  return [...people.values()].filter((one) =>
    !one.official && (!category || one.category === category) && one.name.includes(text));
};

/** The list, or the part of it that was asked for. */
const show = () => {
  if (!list || !section) return;
  if (!found.isConnected) takeOver();
  const all = fits();
  const shown = all.slice(0, MOST);
  rows.clear();
  groups = [];
  const parts = [];
  const group = (head, of) => {
    const rowsOf = element("ul", "door-list", "");
    for (const person of of) {
      rows.set(person.id, row(person));
      rowsOf.append(rows.get(person.id));
    }
    parts.push(head, rowsOf);
  };
  group(element("p", "sub-head", "主持和记录"), [...people.values()].filter(({ official }) => official));
  for (const [code, word] of list.categories) {
    const of = shown.filter(({ category }) => category === code);
    if (!of.length) continue;
    const head = element("p", "sub-head", "");
    groups.push({ head, word, of: all.filter(({ category }) => category === code) });
    group(head, of);
  }
  if (!all.length) parts.push(element("p", "empty", "没有找到。核对一下姓名；名单上没有的，按临时到场登记。"));
  if (all.length > MOST) parts.push(element("p", "hint", `还有 ${all.length - MOST} 位没有列出来，请搜姓名。`));
  found.replaceChildren(...parts);
  heads();
};

/** Puts the list of this browser in the place of the server's. */
const takeOver = () => {
  for (const old of [...section.children]) if (!old.matches(".sec-head, form[role=search]")) old.remove();
  section.append(said, found);
  if (!search) return;
  search.querySelector("label").firstChild.textContent = "姓名";
  search.querySelector("button").hidden = true;
  search.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", show);
};

/** Whether somebody is in the middle of something there. */
const inUse = (part) => part.contains(document.activeElement) || [...part.querySelectorAll("textarea")].some(({ value }) => value);

/** What the server says of those present, a little after the last of them came. */
const sides = () => {
  clearTimeout(sides.timer);
  sides.timer = setTimeout(async () => {
    const parts = ["door-sheet", "door-sides"].map((id) => document.getElementById(id)).filter(Boolean);
    if (line !== "on" || !parts.length) return;
    try {
      const answer = await fetch(`${page}?part=${part}`, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of parts) {
        const by = fresh.getElementById(old.id);
        if (by && !inUse(old)) old.replaceChildren(...by.childNodes);
      }
      heads();
    } catch { /* the next change asks again */ }
  }, 1000);
};

// ---- checking in

const checkIn = async (person, how) => {
  const { id, name, category, official } = person;
  const as = official ? person.what : list.categories.find(([code]) => code === category)[1];
  if (isIn(id)) {
    said.textContent = `${name}（${as}）先前已经签到。`;
    return;
  }
  const noted = {
    request: freshId(), page, who, name, how, sitting: list.sitting, [official ? "account" : "invitee"]: id,
    at: Math.round(Date.now() + list.offset), list_at: list.at, away: line !== "on",
  };
  waiting.set(id, noted);
  again(id);
  heads();
  said.textContent = `${name}（${as}）已签到。`;
  if ((await put("queue", noted)) === null) stored = false;
  say();
  await flush();
};

const undo = async ({ id, name }) => {
  const noted = waiting.get(id);
  if (noted?.sending) return;
  if (noted) {
    waiting.delete(id);
    await drop("queue", noted.request);
    said.textContent = `${name} 的签到已撤销。`;
  } else {
    const [check] = list.marks[id];
    const fields = new URLSearchParams({ action: "check_in", sitting: list.sitting, undo: check ?? "" });
    const answer = navigator.onLine && check
      ? await fetch(page, { method: "POST", body: fields, redirect: "manual", credentials: "same-origin" }).catch(() => null)
      : null;
    if (answer?.type === "opaqueredirect") {
      said.textContent = `${name} 的签到已撤销。`;
      mark([[id, null, ""]]);
    } else {
      said.textContent = navigator.onLine ? `${name} 的签到没有撤销成，请刷新页面再试。` : "已经交上去的签到，连上网才能撤销。";
    }
  }
  again(id);
  heads();
  say();
};

const hashed = async (code) => {
  const bytes = new TextEncoder().encode(`${list.salt}:${code}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** Whose code it is: the link of a slip, or a short code. A person and how, or a sentence. */
const recognise = async (typed) => {
  const link = typed.trim().match(/\/i\/([0-9a-f-]{36})\/([0-9a-f]+)$/i);
  if (link) {
    const person = people.get(link[1].toLowerCase());
    if (person?.link === await hashed(link[2].toLowerCase())) return { person, how: "scan" };
    return { words: "这个码不在这场会的名单上，请核对是哪场会的，或者问姓名，在名单里签到。" };
  }
  const code = typed.replace(/[\s\-－]/g, "").toUpperCase();
  if (!/^[2-9A-HJKMNP-Z]{6}$/.test(code)) return { words: "这不是邀请条上的码。短码是六位，例如 K7M3QP。" };
  const hash = await hashed(code);
  const of = [...people.values()].filter((one) => one.code === hash);
  if (of.length === 1) return { person: of[0], how: "code" };
  return { words: of.length ? "这个短码对上了不止一位，请问姓名，在名单里签到。" : "名单上没有这个短码，请核对，或者问姓名，在名单里签到。" };
};

/** Checks in whose code it is; gives the sentence that says why not. */
const byCode = async (typed) => {
  let who = await recognise(typed);
  if (who.words && line === "on") {
    // Somebody may have been put on the list a moment ago.
    await poll(true);
    if (list) who = await recognise(typed);
  }
  if (who.words) return who.words;
  await checkIn(who.person, who.how);
  return "";
};

const canHash = Boolean(globalThis.crypto?.subtle);

const typedCodes = () => {
  const field = codes.elements.code;
  const wrong = element("p", "refusal", "");
  wrong.setAttribute("role", "alert");
  field.before(wrong);
  wrong.hidden = true;
  codes.addEventListener("submit", async (event) => {
    if (!list || !canHash) return;
    event.preventDefault();
    const typed = field.value;
    field.value = "";
    const words = await byCode(typed);
    wrong.textContent = words;
    wrong.hidden = !words;
    if (words) field.value = typed;
    field.select();
  });
};

// ---- the camera

const CAMERA = {
  NotAllowedError: "没有拿到摄像头的许可。请在浏览器里允许，或者报短码、在名单里签到。",
  NotFoundError: "这台设备没有摄像头。请报短码，或者在名单里签到。",
};

/** What reads codes: the platform where it can, else our own reader. */
const reader = async () => {
  const formats = ["qr_code"];
  if ("BarcodeDetector" in globalThis) {
    const known = await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (known.includes("qr_code")) return new globalThis.BarcodeDetector({ formats });
  }
  const { BarcodeDetector } = await import(qr);
  return new BarcodeDetector({ formats });
};

const camera = () => {
  const video = element("video", "", "", { muted: true, playsInline: true, hidden: true });
  video.setAttribute("aria-label", "摄像头画面");
  const words = element("p", "door-said", "");
  words.setAttribute("role", "status");
  const pressed = button("扫码签到", "btn second", () => (stream ? stop() : start()));
  const actions = element("div", "actions", "");
  actions.append(pressed);
  const box = element("div", "door-camera", "");
  box.append(actions, video, words);
  codes.before(box);
  let stream = null;

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    video.hidden = true;
    pressed.textContent = "扫码签到";
  };

  const start = async () => {
    words.textContent = "";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      pressed.textContent = "关掉摄像头";
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      words.textContent = "把邀请条上的码放到画面里。";
      await look(await reader());
    } catch (error) {
      stop();
      words.textContent = CAMERA[error.name] ?? "摄像头打不开。请报短码，或者在名单里签到。";
    }
  };

  const look = async (detector) => {
    const picture = document.createElement("canvas");
    const pen = picture.getContext("2d", { willReadFrequently: true });
    let last = "";
    let until = 0;
    while (stream && list) {
      const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight, 1));
      [picture.width, picture.height] = [video.videoWidth * scale, video.videoHeight * scale];
      if (picture.width && picture.height) {
        pen.drawImage(video, 0, 0, picture.width, picture.height);
        const [code] = await detector.detect(picture);
        // A slip is held before the camera for a while.
        if (code && (code.rawValue !== last || Date.now() > until)) {
          [last, until] = [code.rawValue, Date.now() + 4000];
          words.textContent = (await byCode(code.rawValue)) || said.textContent;
        }
      }
      await new Promise((done) => setTimeout(done, 200));
    }
    stop();
  };

  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => document.hidden && stop());
};

// ---- the start

const begin = async () => {
  place.append(status, trouble);
  const kept = (await store("queue", "readonly", (all) => all.getAll())) || [];
  const elsewhere = new Map();
  for (const one of Array.isArray(kept) ? kept : []) {
    if (one.who === who && one.page === page) {
      if (one.sentence) refused.set(one.request, one);
      else waiting.set(one.invitee ?? one.account, { ...one, sending: false, away: true });
    } else if (one.who === who) {
      elsewhere.set(one.page, (elsewhere.get(one.page) ?? 0) + 1);
    }
  }
  others = [...elsewhere];
  const known = await store("lists", "readonly", (all) => all.get(key));
  if (known?.until > Date.now() + (known?.offset ?? 0)) {
    list = known;
    read(list);
    show();
  } else if (known?.key) {
    await drop("lists", key);
  }
  complaints();
  say();
  if (codes) {
    typedCodes();
    if (navigator.mediaDevices?.getUserMedia && canHash) camera();
  }
  await flush();
  await poll(true);
  setInterval(() => document.hidden || turn(), EVERY);
  addEventListener("online", turn);
  addEventListener("offline", () => {
    line = "away";
    say();
  });
  document.addEventListener("visibilitychange", () => document.hidden || turn());
};

if (place) begin();
