// Pages with a form that is filled in where there may be no network: what cannot be sent is kept whole in this browser,
// photos too, and sent later under the same request id, so that it is carried out once however often it arrives.
const forms = [...document.querySelectorAll("form[data-offline]")];
const place = document.querySelector("#kept");
// A device may be shared: what one person left here, only that person's pages send.
const who = place?.dataset.who ?? "";

// IndexedDB may be forbidden: then the form is sent as any other, and a lost network is the browser's own page.
const opened = new Promise((done) => {
  try {
    const asked = indexedDB.open("offline", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("forms", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => done(null);
  } catch { done(null); }
});

const ask = async (mode, what) => {
  const db = await opened;
  if (!db) return null;
  return new Promise((done) => {
    const asked = what(db.transaction("forms", mode).objectStore("forms"));
    asked.onsuccess = () => done(asked.result ?? true);
    asked.onerror = () => done(null);
  });
};
const keep = (form) => ask("readwrite", (forms) => forms.put(form));
const drop = (id) => ask("readwrite", (forms) => forms.delete(id));
const kept = async () => ((await ask("readonly", (forms) => forms.getAll())) || []).filter((form) => form.who === who);

const body = (entries) => {
  const data = new FormData();
  for (const [name, value] of entries) data.append(name, value);
  return data;
};

/** Sends a form. "done", "refused" (the page says why), "stranger" (sign in first), or "away" without a network. */
const send = async ({ url, entries }) => {
  try {
    const answer = await fetch(url, { method: "POST", body: body(entries), credentials: "same-origin" });
    if (answer.redirected && new URL(answer.url).searchParams.has("done")) return { how: "done", to: answer.url };
    if (answer.status === 401) return { how: "stranger" };
    return { how: answer.status >= 500 ? "away" : "refused" };
  } catch {
    return { how: "away" };
  }
};

const forget = (draft) => {
  try { localStorage.removeItem(`draft:${draft}`); } catch { /* nothing was kept */ }
};

const say = (words, ...more) => {
  if (!place) return;
  const note = document.createElement("p");
  note.className = "note";
  const text = document.createElement("span");
  text.textContent = words;
  note.append(text, ...more);
  place.replaceChildren(note);
};

const button = (words, work) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "link";
  made.textContent = words;
  made.addEventListener("click", work);
  return made;
};

/** Puts a kept form back into the one on the page, to be mended. */
const putBack = async (form, { id, entries }) => {
  const left = new Map();
  for (const [name, value] of entries) left.set(name, [...(left.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || !left.has(field.name)) continue;
    const values = left.get(field.name);
    if (field.type === "file") {
      const files = new DataTransfer();
      for (const value of values) if (value.size) files.items.add(value);
      field.files = files.files;
    } else if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values.includes(field.value);
    } else {
      field.value = values[0];
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  await drop(id);
  place?.replaceChildren();
};

/** Says why something still lies here. */
const waiting = (how) => {
  if (how === "stranger") {
    const way = document.createElement("a");
    way.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    way.textContent = "去登录";
    say("登录过期了。写的都放在这台设备里，登录以后回到这一页自动补交。", way);
  } else {
    say(place?.dataset.words ?? "", button("现在再试", () => resend()));
  }
};

/** A new request id; `randomUUID` is missing on plain addresses. */
const freshId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

let running = false;
const resend = async () => {
  if (running) return;
  running = true;
  let sent = 0;
  try {
    for (const form of (await kept()).sort((a, b) => a.at - b.at)) {
      const { how } = await send(form);
      if (how === "done") {
        await drop(form.id);
        sent += 1;
      } else if (how === "refused") {
        const here = forms.find((one) => one.action === form.url);
        say(
          "有一份先前放在这里的没有交成，里面有要改的。",
          ...(here ? [button("放回表单", () => putBack(here, form))] : []),
          button("再交一次", () => resend()),
          button("不要了", async () => { await drop(form.id); place?.replaceChildren(); }),
        );
        return;
      } else {
        waiting(how);
        return;
      }
    }
    if (sent) say(`先前放在这台设备里的 ${sent} 份已经补交。`);
  } finally {
    running = false;
  }
};

opened.then((db) => {
  if (!db) return;
  for (const form of forms) {
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      const pressed = form.querySelector("button[type=submit]");
      const words = pressed?.textContent;
      if (pressed) pressed.textContent = "正在提交…";
      const data = [...new FormData(form)].filter(([, value]) => typeof value === "string" || value.size);
      const one = { id: form.elements.request_id.value, who, url: form.action, at: Date.now(), entries: data };
      const { how, to } = await send(one);
      if (how === "done") {
        forget(form.dataset.offline);
        location.assign(to);
        return;
      }
      if (how === "refused") {
        // Sent once more as any form is: the browser then shows the page that says what is wrong, with what was typed.
        form.submit();
        return;
      }
      const stored = await keep(one);
      if (pressed) pressed.textContent = words;
      busy = false;
      if (!stored) return say("没有网络，这台设备也放不下，请先别关这一页，连上网再交。");
      form.reset();
      form.elements.request_id.value = freshId();
      // Counts and draft follow the fields; what was said of the form before is over.
      for (const field of form.elements) field.dispatchEvent(new Event("input", { bubbles: true }));
      for (const note of document.querySelectorAll("form[data-offline] ~ .note, main > .note, .form-summary")) note.remove();
      forget(form.dataset.offline);
      waiting(how);
      place?.scrollIntoView({ block: "center" });
    });
  }
  resend();
  addEventListener("online", resend);
});
