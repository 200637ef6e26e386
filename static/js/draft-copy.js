/* Words that have not reached the server yet, kept in this browser, encrypted: docs/decisions/0011-unsaved-words.md.
   The keys come with the page, to the author alone, and are never stored. Where the browser cannot do it (no secure
   context, a private window without a database), everything here does nothing and the page itself still holds the words. */
(() => {
  "use strict";

  const place = document.querySelector("[data-copy]");
  if (!place || !place.dataset.copyKeys || !window.isSecureContext || !window.crypto.subtle || !window.indexedDB) return;
  const note = place.dataset.copy;
  const me = `${note}-${crypto.randomUUID()}`; // this window's copy of this note
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const keys = place.dataset.copyKeys
    .split(" ")
    .map((text) => crypto.subtle.importKey("raw", bytes(text), "AES-GCM", false, ["encrypt", "decrypt"]));

  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("onward-unsaved", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("copies", { keyPath: "id" }).createIndex("note", "note");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  // "strict": on the disk before it counts as done, since the power may go next
  const withCopies = async (mode, act) => {
    const transaction = (await opened).transaction("copies", mode, { durability: "strict" });
    const request = act(transaction.objectStore("copies"));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };

  // The lock lives as long as this window: by it others tell a copy in use from one that was left behind.
  if (navigator.locks) navigator.locks.request(me, () => new Promise(() => {}));

  let latest = 0; // writes finish in any order, but only the last one asked for may stand
  let writing = Promise.resolve();
  const quietly = (promise) => promise.catch(() => undefined);

  const keep = (words) => {
    const mine = ++latest;
    writing = quietly(
      writing.then(async () => {
        if (mine !== latest) return;
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const text = new TextEncoder().encode(JSON.stringify(words));
        const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keys[0], text);
        if (mine === latest) await withCopies("readwrite", (store) => store.put({ id: me, note, iv, data, at: Date.now() }));
      }),
    );
    return writing;
  };

  const remove = (id) => quietly(withCopies("readwrite", (store) => store.delete(id)));
  const drop = () => {
    latest += 1;
    writing = quietly(writing.then(() => remove(me)));
    return writing;
  };

  const read = async (copy) => {
    for (const key of keys) {
      try {
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: copy.iv }, await key, copy.data);
        return { id: copy.id, at: new Date(copy.at), ...JSON.parse(new TextDecoder().decode(text)) };
      } catch {
        // another secret: try the next
      }
    }
    return null; // not ours to read; left where it is
  };

  // Copies of this note that no open window is working on, the oldest first
  const leftBehind = async () => {
    const held = navigator.locks ? (await navigator.locks.query()).held.map((lock) => lock.name) : [me];
    const copies = await withCopies("readonly", (store) => store.index("note").getAll(note));
    const found = await Promise.all(copies.filter((copy) => !held.includes(copy.id)).map(read));
    return found.filter(Boolean).sort((a, b) => a.at - b.at);
  };

  window.onwardCopy = { keep, drop, remove, leftBehind };
})();
