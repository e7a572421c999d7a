// The one script of public pages. Every page works without it; each part is silent when its place is missing.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const HOURS = 3_600_000;
const KEEP = 72 * HOURS;

// Storage may be forbidden or full: then nothing is kept, and nothing breaks.
const store = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* nothing is kept */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
  keys() {
    try { return Object.keys(localStorage); } catch { return []; }
  },
};

const later = (wait, work) => {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(work, wait, ...args);
  };
};

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

// Drafts. Contact fields (data-private), files, passwords and hidden fields are never kept; nor are ticks at the desk:
// they confirm what was on the page then.
const keeps = (field) =>
  field.name && !field.closest("[data-private]") &&
  !["file", "password", "hidden", "submit", "button"].includes(field.type) &&
  !(field.type === "checkbox" && field.form.dataset.draft?.startsWith("desk:"));

const read = (form) => {
  const values = {};
  for (const field of form.elements) {
    if (!keeps(field)) continue;
    const list = (values[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else {
      list.push(field.value);
    }
  }
  return values;
};

const write = (form, values) => {
  const left = structuredClone(values);
  for (const field of form.elements) {
    if (!keeps(field) || !left[field.name]) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values[field.name].includes(field.value);
    } else {
      field.value = left[field.name].shift() ?? "";
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

const drafts = () => {
  // A page that is loaded again says once more what was done: a draft begun since then stays.
  const arrived = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  const done = arrived && document.body.dataset.draftDone;
  for (const key of store.keys()) {
    if (!key.startsWith("draft:")) continue;
    const age = Date.now() - (store.get(key)?.at ?? 0);
    if (key === `draft:${done}` || key.startsWith(`draft:${done}:`) || !(age < KEEP)) store.drop(key);
  }
  for (const form of all("form[data-draft]")) {
    const key = `draft:${form.dataset.draft}`;
    const kept = store.get(key);
    // A form that the server sent back holds what was typed last: it wins over the draft.
    const refilled = one(".form-summary") ?? form.closest("[data-unsent]");
    const empty = refilled ? "" : JSON.stringify(read(form));
    if (kept && !refilled && JSON.stringify(kept.values) !== empty) {
      write(form, kept.values);
      const note = element("div", "note", "");
      const drop = element("button", "link", "不要了，重新写");
      note.setAttribute("role", "status");
      drop.type = "button";
      drop.addEventListener("click", () => {
        store.drop(key);
        write(form, JSON.parse(empty));
        note.remove();
        one("input:not([type=hidden]), textarea", form)?.focus();
      });
      note.append(element("span", "", "已恢复您上次没写完的内容。"), drop);
      form.before(note);
    }
    const keep = () => {
      const values = read(form);
      if (JSON.stringify(values) === empty) store.drop(key);
      else store.set(key, { at: Date.now(), values });
    };
    form.addEventListener("input", later(300, keep));
    form.addEventListener("change", keep);
    form.addEventListener("submit", keep);
  }
};

// Counts of characters as people count them: 𠮷 is one.
const counts = () => {
  const show = (field) => {
    const place = one(".count", field.closest(".field") ?? field.parentElement);
    if (!place) return;
    const max = Number(field.dataset.max);
    const used = [...field.value.trim()].length;
    place.textContent = used > max ? `${used}/${max} 字，多了 ${used - max} 字` : `${used}/${max} 字`;
    place.classList.toggle("over", used > max);
  };
  // On the document, for fields that a live page puts in later, too.
  document.addEventListener("input", ({ target }) => { if (target.matches("[data-max]")) show(target); });
  for (const field of all("[data-max]")) if (field.value) show(field);
};

// Topics that look alike, while the title is typed.
const similar = () => {
  const place = one("#similar");
  for (const field of place ? all("[data-similar]") : []) {
    let running;
    const look = later(400, async () => {
      const typed = field.value.trim();
      running?.abort();
      if (!navigator.onLine || [...typed].length < 4) return void place.replaceChildren();
      running = new AbortController();
      try {
        const url = `${field.dataset.similar}?q=${encodeURIComponent([...typed].slice(0, 100).join(""))}`;
        const answer = await fetch(url, { signal: running.signal, headers: { accept: "text/html" } });
        if (answer.ok) place.innerHTML = await answer.text();
      } catch { /* the server compares again when the form is sent */ }
    });
    field.addEventListener("input", look);
  }
};

// Which topics this browser already supports. Noted when the page after the press says thank you.
const supports = () => {
  const given = new Set(store.get("supports") ?? []);
  const pending = store.get("support-pending");
  if (pending) {
    store.drop("support-pending");
    if (location.pathname.endsWith(`/${pending}`) && new URLSearchParams(location.search).has("thanks")) {
      given.add(pending);
      store.set("supports", [...given].slice(-500));
    }
  }
  for (const form of all("form[data-support]")) {
    const id = form.dataset.support;
    const button = one("button", form);
    if (given.has(id) && button) {
      (one("[data-word]", button) ?? button).textContent = "已关心";
      button.setAttribute("aria-disabled", "true");
    }
    form.addEventListener("submit", (event) => {
      if (given.has(id)) event.preventDefault();
      else store.set("support-pending", id);
    });
  }
};

// Sending once, and not into the void.
const guard = () => {
  const waiting = new Map();
  const free = () => {
    for (const [form, [button, words]] of waiting) {
      if (button) {
        button.innerHTML = words;
        button.removeAttribute("aria-disabled");
      }
      waiting.delete(form);
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-guard]") || event.defaultPrevented) return;
    one(".send-note", form)?.remove();
    if (!navigator.onLine) {
      event.preventDefault();
      const note = element("p", "refusal send-note", "没有网络，您写的都在，连上网再提交。");
      note.setAttribute("role", "alert");
      form.append(note);
      return;
    }
    if (waiting.has(form)) {
      event.preventDefault();
      return;
    }
    // The button stays enabled: a disabled one would not send its own name and value.
    const button = event.submitter;
    waiting.set(form, [button, button?.innerHTML]);
    if (button) {
      button.textContent = "正在提交…";
      button.setAttribute("aria-disabled", "true");
    }
    setTimeout(free, 30_000);
  });
  addEventListener("pageshow", free);
};

// Who signs out leaves no list of people in this browser (door.js), and no drafts of the desk. What waits for a network
// (check-ins, visits) stays.
const leave = () => {
  for (const form of all("form[action='/sign-out']")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      for (const key of store.keys()) if (/^draft:(desk|minutes):/.test(key)) store.drop(key);
      const wipe = async () => {
        await new Promise((done) => {
          const asked = indexedDB.deleteDatabase("door-lists");
          asked.onsuccess = asked.onerror = asked.onblocked = done;
        });
        for (const name of await caches.keys()) if (name.startsWith("door:")) await caches.delete(name);
        for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
      };
      const wiped = async () => navigator.locks.request("door", wipe);
      await Promise.race([wiped().catch(() => {}), new Promise((done) => setTimeout(done, 3000))]);
      form.submit();
    });
  }
};

const summary = () => one(".form-summary")?.focus();

for (const part of [drafts, counts, similar, supports, guard, leave, summary]) {
  try { part(); } catch (error) { console.warn(error); }
}
